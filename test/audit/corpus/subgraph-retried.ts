import {
  counts,
  END,
  errorHandler,
  failing,
  type Pair,
  retryPolicy,
  START,
  State,
  StateGraph,
} from "../pair.ts";

const once = { retryPolicy: { maxAttempts: 1 } };

/** The first node's effect, then a failure. Its handlers rethrow nothing: they are left out where they would. */
const inside = (log: string[], second: object) =>
  new StateGraph(State)
    .addNode("first", failing(0, log, "first"), { retryPolicy, errorHandler })
    .addNode("second", failing(1, log, "second"), { metadata: unrouted, ...second })
    .addEdge(START, "first")
    .addEdge("first", "second")
    .addEdge("second", END)
    .compile();

/** What fails here is to reach the retry around the subgraph. */
const unrouted = { audit: { allow: { "no-route": "the retry outside is what this is about" } } };

export const pair: Pair = {
  fails: "a retry on a subgraph does again what its nodes had done",
  trap: "subgraph-retried",
  at: "graph: inside",
  trapped: (log) =>
    new StateGraph(State)
      .addNode("inside", inside(log, once), { retryPolicy })
      .addEdge(START, "inside")
      .addEdge("inside", END)
      .compile(),
  mended: (log) =>
    new StateGraph(State)
      .addNode("inside", inside(log, { retryPolicy }))
      .addEdge(START, "inside")
      .addEdge("inside", END)
      .compile(),
  run: {
    by: async (graph, log) => {
      await graph.invoke({});
      return counts(log);
    },
    trapped: "first 2, second 2",
    mended: "first 1, second 2",
  },
};
