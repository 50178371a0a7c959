import { Command, END, failing, type Pair, retryPolicy, START, State, StateGraph } from "../pair.ts";

const giveUp = () => new Command({ goto: "after" });
/** The goto stands in a helper. */
const viaHelper = () => giveUp();

const graph = (log: string[], errorHandler: () => object) =>
  new StateGraph(State)
    .setNodeDefaults({ retryPolicy, errorHandler: errorHandler as never })
    .addNode("work", failing(9, log, "work"))
    .addNode("after", () => ({ log: "after" }))
    .addEdge(START, "work")
    .addEdge("work", "after")
    .addEdge("after", END)
    .compile();

export const pair: Pair = {
  fails: "a default handler that only writes ends the branch of every node",
  trap: "handler-without-goto",
  at: "graph: setNodeDefaults",
  trapped: (log) => graph(log, () => ({ log: "handled" })),
  mended: (log) => graph(log, viaHelper),
  run: {
    by: async (graph) => (await graph.invoke({})).log,
    trapped: "handled",
    mended: "after",
  },
};
