import { MemorySaver } from "@langchain/langgraph";
import { soon } from "../../traps/graphs.ts";
import {
  counts,
  END,
  ended,
  errorHandler,
  failing,
  type Pair,
  retryPolicy,
  START,
  State,
  StateGraph,
  thread,
} from "../pair.ts";

const slow = (log: string[]) => async () => {
  log.push("slow");
  await soon(20);
  return {};
};

const graph = (log: string[], route: object) =>
  new StateGraph(State)
    .addNode("quick", failing(1, log, "quick"), { retryPolicy: { maxAttempts: 1 }, ...route })
    .addNode("slow", slow(log), { retryPolicy, errorHandler })
    .addEdge(START, "quick")
    .addEdge(START, "slow")
    .addEdge("quick", END)
    .addEdge("slow", END)
    .compile({ checkpointer: new MemorySaver() });

export const pair: Pair = {
  fails: "a branch that fails cancels a healthy one, which then does its work twice",
  trap: "fan-out-unrouted",
  at: "graph: quick",
  trapped: (log) => graph(log, {}),
  mended: (log) => graph(log, { errorHandler }),
  run: {
    by: async (graph, log) => {
      // A sibling with a handler resumes in that (B3), so its second run is the one of a new input.
      if ((await ended(graph.invoke({}, thread))) === "rejected") await graph.invoke({}, thread);
      return counts(log);
    },
    trapped: "quick 2, slow 2",
    mended: "quick 1, slow 1",
  },
};
