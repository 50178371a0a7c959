import { Command, END, failing, graphOf, type Pair, START } from "../pair.ts";

const graph = (log: string[], errorHandler: (state: { n: number }) => Command) =>
  graphOf()
    .addNode("work", failing(9, log, "work"), { errorHandler: errorHandler as never })
    .addNode("repair", () => ({ log: "repaired" }))
    .addEdge(START, "work")
    .addEdge("repair", END)
    .compile();

export const pair: Pair = {
  fails: "a handler that goes to a node that is not there ends the branch",
  trap: "goto-nowhere",
  at: "graph: work",
  trapped: (log) => graph(log, ({ n }) => new Command({ goto: n > 3 ? END : "repiar" })),
  mended: (log) => graph(log, ({ n }) => new Command({ goto: n > 3 ? END : "repair" })),
  run: { by: async (graph) => (await graph.invoke({}))?.log, trapped: "", mended: "repaired" },
};
