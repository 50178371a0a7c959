import { MemorySaver } from "@langchain/langgraph";
import { effects, memoryLedger } from "#src/recovery/index.ts";
import type { NodeRuntime } from "#src/routing/index.ts";
import { END, graphOf, type Pair, START, thread } from "../pair.ts";

const { once } = effects(memoryLedger());

const graph = (log: string[], durability: "sync" | "exit") => {
  const checkpointer = new MemorySaver();
  const work = async (_: unknown, runtime: NodeRuntime) => {
    await once(runtime, "pay", null, async () => {
      log.push(`${Object.keys(checkpointer.storage).length} threads saved`);
    });
    return {};
  };
  return graphOf()
    .addNode("work", work)
    .addEdge(START, "work")
    .addEdge("work", END)
    .compile({ checkpointer })
    .withConfig({ durability } as object);
};

export const pair: Pair = {
  fails: "an effect is made in a superstep that a crash would take back",
  trap: "durability-not-sync",
  at: "graph: withConfig",
  trapped: (log) => graph(log, "exit"),
  mended: (log) => graph(log, "sync"),
  run: {
    by: async (graph, log) => {
      await graph.invoke({}, thread);
      return log;
    },
    trapped: ["0 threads saved"],
    mended: ["1 threads saved"],
  },
};
