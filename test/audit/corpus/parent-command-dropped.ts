import { Command, END, graphOf, type Pair, START, State, StateGraph, settled } from "../pair.ts";

const graph = (leave: (state: State) => unknown) => {
  const inside = new StateGraph(State)
    .setNodeDefaults(settled)
    .addNode("leave", leave as never)
    .addEdge(START, "leave")
    .compile();
  return graphOf()
    .addNode("inside", inside as never, { retryPolicy: { maxAttempts: 1 }, ends: ["outside"] })
    .addNode("outside", () => ({ log: "outside" }))
    .addEdge(START, "inside")
    .addEdge("outside", END)
    .compile();
};

export const pair: Pair = {
  fails: "a hand-off to the parent graph is dropped because its node has an error handler",
  trap: "parent-command-dropped",
  at: "graph/inside: leave",
  trapped: () => graph(() => new Command({ graph: Command.PARENT, goto: "outside" })),
  mended: () => graph(({ n }) => [new Command({ graph: Command.PARENT, goto: "outside" }), { n }]),
  run: {
    by: async (graph) => (await graph.invoke({}))?.log,
    trapped: "",
    mended: "outside",
  },
};
