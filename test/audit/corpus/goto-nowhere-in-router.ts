import { END, graphOf, type Pair, START } from "../pair.ts";

const graph = (router: (state: { n: number }) => string) =>
  graphOf()
    .addNode("plan", () => ({ n: 1 }))
    .addNode("work", () => ({ log: "worked" }))
    .addEdge(START, "plan")
    .addConditionalEdges("plan", router as () => "work")
    .addEdge("work", END)
    .compile();

export const pair: Pair = {
  fails: "a router's answer that is no node ends the branch",
  trap: "goto-nowhere",
  at: "graph: plan",
  trapped: () => graph((state) => (state.n > 0 ? "wrok" : END)),
  mended: () => graph((state) => (state.n > 0 ? "work" : END)),
  run: { by: async (graph) => (await graph.invoke({})).log, trapped: "", mended: "worked" },
};
