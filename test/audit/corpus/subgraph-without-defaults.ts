import {
  counts,
  END,
  ended,
  failing,
  graphOf,
  type Pair,
  START,
  State,
  StateGraph,
  settled,
} from "../pair.ts";

const graph = (log: string[], defaults: object) => {
  const inside = new StateGraph(State)
    .setNodeDefaults(defaults)
    .addNode("work", failing(1, log, "work"))
    .addEdge(START, "work")
    .addEdge("work", END)
    .compile();
  return graphOf()
    .addNode("inside", inside, { retryPolicy: { maxAttempts: 1 } })
    .addEdge(START, "inside")
    .addEdge("inside", END)
    .compile();
};

export const pair: Pair = {
  fails: "a subgraph is thought to have its parent's defaults, and has none",
  trap: "subgraph-without-defaults",
  at: "graph: inside",
  trapped: (log) => graph(log, {}),
  mended: (log) => graph(log, settled),
  run: {
    by: async (graph, log) => {
      await ended(graph.invoke({}));
      return counts(log);
    },
    trapped: "work 1",
    mended: "work 2",
  },
};
