import { counts, END, failing, graphOf, type Pair, START } from "../pair.ts";

const graph = (log: string[], maxConcurrency: number) =>
  graphOf()
    .addNode("left", failing(0, log, "left"))
    .addNode("right", failing(0, log, "right"))
    .addEdge(START, "left")
    .addEdge(START, "right")
    .addEdge("left", END)
    .addEdge("right", END)
    .compile()
    .withConfig({ maxConcurrency });

export const pair: Pair = {
  fails: "maxConcurrency 1 drops all but the first of parallel nodes",
  trap: "max-concurrency-one",
  at: "graph: withConfig",
  trapped: (log) => graph(log, 1),
  mended: (log) => graph(log, 2),
  run: {
    by: async (graph, log) => {
      await graph.invoke({});
      return counts(log);
    },
    trapped: "left 1",
    mended: "left 1, right 1",
  },
};
