import type { ExecutionInfo } from "@langchain/langgraph";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSaga, type EffectLedger, memoryLedger } from "#src/recovery/index.ts";

/** Where a call is cut short. After a crash a new process goes on over the same ledger. */
const cuts = ["none", "before it happens", "after it happened", "before it is recorded"] as const;
type Cut = (typeof cuts)[number];

const runtime = { executionInfo: { threadId: "t", checkpointNs: "node:1", taskId: "1" } as ExecutionInfo };
const crash = new Error("crash");

test("steps and undos cut short in any place: what happened is taken back once, in the exact reverse", async () => {
  const plan = fc.record({
    steps: fc.integer({ min: 1, max: 5 }),
    /** The last step may never get through, so that its outcome stays unknown. */
    stepCuts: fc.array(fc.constantFrom(...cuts), { maxLength: 10 }),
    undoCuts: fc.array(fc.constantFrom(...cuts), { maxLength: 10 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ steps, stepCuts, undoCuts }) => {
      const happened: string[] = [];
      const takenBack: string[] = [];
      const doneUnder = new Set<string>();
      let cut: Cut = "none";

      const ledger = memoryLedger();
      const leaky: EffectLedger<undefined> = {
        ...ledger,
        async record(key, result) {
          if (cut === "before it is recorded") throw crash;
          return ledger.record(key, result);
        },
      };
      /** The other side, which does nothing twice under one key. */
      const doOnce = (key: string, what: () => void) => {
        if (cut === "before it happens") throw crash;
        if (!doneUnder.has(key)) what();
        doneUnder.add(key);
        if (cut === "after it happened") throw crash;
      };
      const process = () =>
        createSaga(leaky, {
          undo: {
            run: async (step, key) =>
              doOnce(key, () => {
                if (happened.includes(step.name)) takenBack.push(step.name);
              }),
          },
        });
      const fails = (work: Promise<unknown>) =>
        work.then(
          () => false,
          (error: unknown) => {
            expect(error).toBe(crash);
            return true;
          },
        );

      const queue = [...stepCuts];
      for (let number = 1; number <= steps; ) {
        cut = queue.shift() ?? "none";
        const name = `${number}`;
        const step = { saga: "s", name, args: number, undo: "undo" };
        const failed = await fails(
          process().step(runtime, step, async (key) => doOnce(key, () => happened.push(name))),
        );
        if (!failed) number += 1;
        else if (queue.length === 0) break;
      }
      expect(happened).toEqual([...new Set(happened)]);

      const undoQueue = [...undoCuts];
      for (let left = true; left; ) {
        cut = undoQueue.shift() ?? "none";
        await fails(
          process()
            .undoNext(runtime, "s")
            .then((step) => {
              left = step !== undefined;
            }),
        );
      }
      expect(takenBack).toEqual(happened.toReversed());
      const { standing, stuck } = await process().report("s");
      expect([standing, stuck]).toEqual([[], []]);
    }),
    { numRuns: 300 },
  );
});
