import {
  Command,
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

const toParent = () => new Command({ graph: Command.PARENT, goto: "outside" });

const graph = (log: string[], handler: () => Command) => {
  const inside = new StateGraph(State)
    .setNodeDefaults({ retryPolicy, errorHandler })
    .addNode("work", failing(9, log, "work"), { errorHandler: handler as never, ends: ["leave"] })
    // Beside a plain update: alone it would be dropped, see parent-command-dropped.
    .addNode("leave", (state: State) => [toParent(), { n: state.n }] as never)
    .addEdge(START, "work")
    .compile();
  return graphOf()
    .addNode("inside", inside as never, { retryPolicy: { maxAttempts: 1 }, ends: ["outside"] })
    .addNode("outside", () => ({ log: "outside" }))
    .addEdge(START, "inside")
    .addEdge("outside", END)
    .compile();
};

export const pair: Pair = {
  fails: "a handler that leaves its subgraph leaves the run, in silence",
  trap: "handler-to-parent",
  at: "graph/inside: work",
  trapped: (log) => graph(log, toParent),
  mended: (log) => graph(log, () => new Command({ goto: "leave" })),
  run: {
    by: async (graph) => (await graph.invoke({}))?.log,
    trapped: "",
    mended: "outside",
  },
};
