import { END, graphOf, type Pair, START } from "../pair.ts";

/** Not compiled: compile() refuses it. */
const builder = (end: string) =>
  graphOf()
    .addNode("plan", () => ({}), { ends: [end as never] })
    .addNode("work", () => ({}))
    .addEdge(START, "plan")
    .addEdge("plan", "work")
    .addEdge("work", END);

export const pair: Pair = {
  fails: "ends that name no node keep a graph from being compiled",
  trap: "goto-nowhere",
  at: "graph: plan",
  trapped: () => builder("wrok"),
  mended: () => builder("work"),
  run: {
    by: async (graph) => {
      try {
        (graph as unknown as ReturnType<typeof builder>).compile();
        return "compiles";
      } catch (error) {
        return (error as Error).message;
      }
    },
    trapped: "Found edge ending at unknown node `wrok`",
    mended: "compiles",
  },
};
