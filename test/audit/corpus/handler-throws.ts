import { MemorySaver } from "@langchain/langgraph";
import { Command, counts, END, ended, failing, graphOf, type Pair, START, thread } from "../pair.ts";

const graph = (log: string[], errorHandler: (state: unknown, error: { error: Error }) => never | Command) => {
  const broken = failing(1, log, "bubbles");
  return graphOf()
    .addNode("work", failing(2, log, "work"), { errorHandler: errorHandler as never })
    .addNode("bubble", broken, {
      ends: ["work"],
      metadata: { audit: { allow: { "no-route": "it is meant to fail" } } },
    })
    .addEdge(START, "work")
    .addEdge("work", END)
    .addEdge("bubble", "work")
    .compile({ checkpointer: new MemorySaver() });
};

export const pair: Pair = {
  fails: "a handler that throws takes the thread with it: after the fix nothing runs the node again",
  trap: "handler-throws",
  at: "graph: work",
  trapped: (log) =>
    graph(log, (_, { error }) => {
      throw error;
    }),
  mended: (log) => graph(log, () => new Command({ goto: "bubble" })),
  run: {
    by: async (graph, log) => {
      await ended(graph.invoke({}, thread));
      await ended(graph.invoke(null, thread));
      return counts(log);
    },
    trapped: "work 2",
    mended: "bubbles 2, work 3",
  },
};
