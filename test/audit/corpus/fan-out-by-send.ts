import { Send } from "@langchain/langgraph";
import { END, errorHandler, type Pair, retryPolicy, START, State, StateGraph } from "../pair.ts";

const graph = (route: object) =>
  new StateGraph(State)
    .addNode("plan", () => ({}), { retryPolicy, errorHandler })
    .addNode("one", () => ({}), { retryPolicy, ...route })
    .addEdge(START, "plan")
    .addConditionalEdges("plan", (state) => [1, 2].map((n) => new Send("one", { ...state, n })), ["one"])
    .addEdge("one", END)
    .compile();

export const pair: Pair = {
  fails: "branches that Sends start are not taken for a fan-out",
  trap: "fan-out-unrouted",
  at: "graph: one",
  trapped: () => graph({}),
  mended: () => graph({ errorHandler }),
};
