import { interrupt, isGraphBubbleUp, MemorySaver } from "@langchain/langgraph";
import { END, graphOf, type Pair, START, thread } from "../pair.ts";

const graph = (node: () => { log: string }) =>
  graphOf()
    .addNode("ask", node)
    .addEdge(START, "ask")
    .addEdge("ask", END)
    .compile({ checkpointer: new MemorySaver() });

export const pair: Pair = {
  fails: "a catch answers a question that was meant for a person",
  trap: "interrupt-swallowed",
  at: "graph: ask",
  trapped: () =>
    graph(() => {
      try {
        return { log: String(interrupt("may I?")) };
      } catch {
        return { log: "nobody was asked" };
      }
    }),
  mended: () =>
    graph(() => {
      try {
        return { log: String(interrupt("may I?")) };
      } catch (error) {
        if (isGraphBubbleUp(error)) throw error;
        return { log: "nobody was asked" };
      }
    }),
  run: {
    by: async (graph) => {
      const { log, __interrupt__ } = await graph.invoke({}, thread);
      return __interrupt__ === undefined ? log : "waits for a person";
    },
    trapped: "nobody was asked",
    mended: "waits for a person",
  },
};
