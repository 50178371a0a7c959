import type { RetryPolicy } from "@langchain/langgraph";
import { counts, END, failing, graphOf, type Pair, retryPolicy, START } from "../pair.ts";

const policy = { ...retryPolicy, retryOn: () => true };

/** A lost connection, which LangGraph's defaults do not retry. */
function work(log: string[]) {
  const node = failing(1, log, "work");
  return () => {
    try {
      return node();
    } catch (error) {
      throw Object.assign(error as Error, { code: "ECONNABORTED" });
    }
  };
}

const graph = (log: string[], retryPolicy: RetryPolicy) =>
  graphOf().addNode("work", work(log), { retryPolicy }).addEdge(START, "work").addEdge("work", END).compile();

export const pair: Pair = {
  fails: "a list of retry policies is taken for none, and the defaults retry what they like",
  trap: "retry-list",
  at: "graph: work",
  trapped: (log) => graph(log, [policy] as unknown as RetryPolicy),
  mended: (log) => graph(log, policy),
  run: {
    by: async (graph, log) => {
      await graph.invoke({});
      return counts(log);
    },
    trapped: "work 1",
    mended: "work 2",
  },
};
