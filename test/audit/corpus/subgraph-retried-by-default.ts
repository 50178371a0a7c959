import { counts, ended, failing, type Pair, retryPolicy, START, State, StateGraph } from "../pair.ts";

const once = { maxAttempts: 1 };
const unrouted = { audit: { allow: { "no-route": "the retry outside is what this is about" } } };

const graph = (log: string[], around: object) => {
  const inside = new StateGraph(State)
    .addNode("first", failing(0, log, "first"), { retryPolicy: once, metadata: unrouted })
    .addNode("second", failing(9, log, "second"), { retryPolicy: once, metadata: unrouted })
    .addEdge(START, "first")
    .addEdge("first", "second")
    .compile();
  return new StateGraph(State)
    .setNodeDefaults({ retryPolicy })
    .addNode("inside", inside, around)
    .addEdge(START, "inside")
    .compile();
};

export const pair: Pair = {
  fails: "a default retry runs a subgraph from its start, though nobody gave it a policy",
  trap: "subgraph-retried",
  at: "graph: inside",
  trapped: (log) => graph(log, {}),
  mended: (log) => graph(log, { retryPolicy: once }),
  run: {
    by: async (graph, log) => {
      await ended(graph.invoke({}));
      return counts(log);
    },
    trapped: "first 2, second 2",
    mended: "first 1, second 1",
  },
};
