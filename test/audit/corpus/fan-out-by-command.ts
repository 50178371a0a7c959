import { Command, END, errorHandler, type Pair, retryPolicy, START, State, StateGraph } from "../pair.ts";

const graph = (route: object) =>
  new StateGraph(State)
    .addNode("plan", () => new Command({ goto: ["left", "right"] }), {
      retryPolicy,
      errorHandler,
      ends: ["left", "right"],
    })
    .addNode("left", () => ({}), { retryPolicy, errorHandler })
    .addNode("right", () => ({}), { retryPolicy, ...route })
    .addEdge(START, "plan")
    .addEdge("left", END)
    .addEdge("right", END)
    .compile();

export const pair: Pair = {
  fails: "branches that a Command starts are not taken for a fan-out",
  trap: "fan-out-unrouted",
  at: "graph: right",
  trapped: () => graph({}),
  mended: () => graph({ errorHandler }),
};
