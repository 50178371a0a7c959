import { END, failing, graphOf, type Pair, retryPolicy, START, State, StateGraph } from "../pair.ts";

const work = (log: string[]) => failing(9, log, "work");

export const pair: Pair = {
  fails: "a node that fails ends the run, and the graph has no say in it",
  trap: "no-route",
  at: "graph: work",
  trapped: (log) =>
    new StateGraph(State)
      .addNode("work", work(log), { retryPolicy })
      .addEdge(START, "work")
      .addEdge("work", END)
      .compile(),
  mended: (log) => graphOf().addNode("work", work(log)).addEdge(START, "work").addEdge("work", END).compile(),
  run: {
    by: (graph) =>
      graph.invoke({}).then(
        () => "goes on",
        (error: Error) => error.message,
      ),
    trapped: "work is down",
    mended: "goes on",
  },
};
