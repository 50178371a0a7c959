import {
  counts,
  END,
  errorHandler,
  failing,
  graphOf,
  type Pair,
  retryPolicy,
  START,
  State,
  StateGraph,
} from "../pair.ts";

const work = (log: string[]) => failing(1, log, "work", () => ({ log: "done" }));

export const pair: Pair = {
  fails: "a failure that one retry would have mended is final",
  trap: "no-retry",
  at: "graph: work",
  trapped: (log) =>
    new StateGraph(State)
      .addNode("work", work(log), { errorHandler })
      .addEdge(START, "work")
      .addEdge("work", END)
      .compile(),
  mended: (log) =>
    graphOf()
      .addNode("work", work(log), { retryPolicy })
      .addEdge(START, "work")
      .addEdge("work", END)
      .compile(),
  run: {
    by: async (graph, log) => {
      await graph.invoke({});
      return counts(log);
    },
    trapped: "work 1",
    mended: "work 2",
  },
};
