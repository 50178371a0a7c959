/** Charges in a saga, fails, takes it back, and says each move at once on stdout, so that it is heard before a death. */
import { writeSync } from "node:fs";
import { type LangGraphRunnableConfig, MemorySaver, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import { Fault } from "#src/faults/index.ts";
import { createSaga, type EffectLedger, memoryLedger } from "#src/recovery/index.ts";
import { bubbleUp, errorRoutes, faultChannels, guarded } from "#src/routing/index.ts";

const says = (move: string) => void writeSync(1, `${move}\n`);

const ledger = memoryLedger();
const heard: EffectLedger<undefined> = {
  ...ledger,
  claim: (effect) => {
    says("claim");
    return ledger.claim(effect);
  },
  record: (key, result) => {
    says("record");
    return ledger.record(key, result);
  },
  settle: (thread, saga, name, status, problem) => {
    if (status === "undone") says("settle");
    return ledger.settle(thread, saga, name, status, problem);
  },
};
const saga = createSaga(heard, { take_back: { run: async () => says("undo") } });

const State = z.object({ ...faultChannels });
const routed = errorRoutes({ compensable: "undo", unexpected: "bubble_up" });

const graph = new StateGraph(State)
  .addNode(
    "pay",
    guarded(async (_, runtime) => {
      const step = { saga: "s", name: "pay", args: null, undo: "take_back" };
      await saga.step(runtime, step, async () => says("charge"));
      says("fail");
      throw new Fault("compensable", "no_stock", "sold out");
    }),
    routed(),
  )
  .addNode("undo", async (_: unknown, runtime: LangGraphRunnableConfig) => {
    says("undo node");
    await saga.undoNext(runtime, "s");
    return {};
  })
  .addNode("bubble_up", bubbleUp(), { defer: true })
  .addEdge("__start__", "pay")
  .compile({ checkpointer: new MemorySaver() });

await graph.invoke({}, { configurable: { thread_id: "t" }, durability: "sync" });
says("end");
