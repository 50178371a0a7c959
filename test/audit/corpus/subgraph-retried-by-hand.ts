import {
  counts,
  END,
  errorHandler,
  failing,
  graphOf,
  type Pair,
  type Runnable,
  retryPolicy,
  START,
  State,
  StateGraph,
} from "../pair.ts";

const unrouted = { audit: { allow: { "no-route": "the retry outside is what this is about" } } };

const graph = (log: string[], policy: object) => {
  const inside: Runnable = new StateGraph(State)
    .addNode("first", failing(0, log, "first"), { retryPolicy, errorHandler })
    .addNode("second", failing(9, log, "second"), { retryPolicy: { maxAttempts: 1 }, metadata: unrouted })
    .addEdge(START, "first")
    .addEdge("first", "second")
    .compile();
  return graphOf()
    .addNode("calls", async (state: State) => ({ ...(await inside.invoke(state)) }), { retryPolicy: policy })
    .addEdge(START, "calls")
    .addEdge("calls", END)
    .compile();
};

export const pair: Pair = {
  fails: "a retry on a node that calls a subgraph runs the subgraph from its start",
  trap: "subgraph-retried",
  at: "graph: calls",
  trapped: (log) => graph(log, retryPolicy),
  mended: (log) => graph(log, { maxAttempts: 1 }),
  run: {
    by: async (graph, log) => {
      await graph.invoke({});
      return counts(log);
    },
    trapped: "first 2, second 2",
    mended: "first 1, second 1",
  },
};
