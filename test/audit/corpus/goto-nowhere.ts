import { Command, END, graphOf, type Pair, START } from "../pair.ts";

const graph = (goto: () => Command<unknown, { log: string }, string>) =>
  graphOf()
    .addNode("plan", goto, { ends: ["work"] })
    .addNode("work", () => ({ log: "worked" }))
    .addEdge(START, "plan")
    .addEdge("work", END)
    .compile();

export const pair: Pair = {
  fails: "a goto whose name is misspelt goes nowhere, without a word",
  trap: "goto-nowhere",
  at: "graph: plan",
  trapped: () => graph(() => new Command({ goto: "wrok" })),
  mended: () => graph(() => new Command({ goto: "work" })),
  run: { by: async (graph) => (await graph.invoke({}))?.log, trapped: "", mended: "worked" },
};
