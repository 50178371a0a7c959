import { Command, END, failing, graphOf, type Pair, START } from "../pair.ts";

const graph = (log: string[], errorHandler: () => object) =>
  graphOf()
    .addNode("work", failing(9, log, "work"), { errorHandler: errorHandler as never })
    .addNode("after", () => ({ log: "after" }))
    .addEdge(START, "work")
    .addEdge("work", "after")
    .addEdge("after", END)
    .compile();

export const pair: Pair = {
  fails: "a handler writes to state, and nothing after it runs",
  trap: "handler-without-goto",
  at: "graph: work",
  trapped: (log) =>
    graph(log, () => {
      const note = () => "handled";
      return { log: note() };
    }),
  mended: (log) => graph(log, () => new Command({ goto: "after", update: { log: "handled" } })),
  run: {
    by: async (graph) => (await graph.invoke({})).log,
    trapped: "handled",
    mended: "after",
  },
};
