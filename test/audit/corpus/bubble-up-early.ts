import { MemorySaver } from "@langchain/langgraph";
import { bubbleUp, errorRoutes, faultChannels, guarded } from "#src/routing/index.ts";
import { soon } from "../../traps/graphs.ts";
import { counts, ended, failing, type Pair, START, State, StateGraph, thread } from "../pair.ts";

const routed = errorRoutes({ unexpected: "bubble_up", attempts: 1 });

const graph = (log: string[], options: object) =>
  new StateGraph(State.extend(faultChannels))
    .addNode("broken", guarded(failing(1, log, "broken")), routed())
    .addNode(
      "first",
      guarded(() => ({})),
      routed(),
    )
    .addNode(
      "second",
      guarded(async () => {
        log.push("second");
        await soon(20);
        return {};
      }),
      routed(),
    )
    .addNode("bubble_up", bubbleUp(), options)
    .addEdge(START, "broken")
    .addEdge(START, "first")
    .addEdge("first", "second")
    .compile({ checkpointer: new MemorySaver() });

export const pair: Pair = {
  fails: "a bubble_up that does not wait cancels the branches beside the failed one",
  trap: "bubble-up-early",
  at: "graph: bubble_up",
  trapped: (log) => graph(log, {}),
  mended: (log) => graph(log, { defer: true }),
  run: {
    by: async (graph, log) => {
      await ended(graph.invoke({}, thread));
      await ended(graph.invoke(null, thread));
      return counts(log);
    },
    trapped: "broken 2, second 2",
    mended: "broken 2, second 1",
  },
};
