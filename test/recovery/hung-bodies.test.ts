/** Bodies that never end and ignore their signal: nobody waits for them for ever, and people can give the step up. */
import type { ExecutionInfo } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { createSaga, type EffectRuntime, effects, memoryLedger, type Undo } from "#src/recovery/index.ts";

const never = () => new Promise<never>(() => {});
const stopped = new Error("the node timed out");
const attempt = (signal?: AbortSignal): EffectRuntime => ({
  executionInfo: { threadId: "t", checkpointNs: "node:1", taskId: "1" } as ExecutionInfo,
  signal,
});
/** Until what is under way over the memory ledger waits for what never comes. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function timedOut(begin: (runtime: EffectRuntime) => Promise<unknown>): Promise<unknown> {
  const stop = new AbortController();
  const end = begin(attempt(stop.signal)).catch((error: unknown) => error);
  await settled();
  stop.abort(stopped);
  return end;
}

const sagaOf = (undo: Undo<undefined>) => createSaga(memoryLedger(), { undo });
const step = (name: string) => ({ saga: "s", name, args: null, undo: "undo" });
const namesOf = (steps: readonly { name: string }[]) => steps.map(({ name }) => name);

test("a retry that joined a hung body ends by its own timeout", async () => {
  const { once } = effects(memoryLedger());
  void once(attempt(), "pay", null, never);
  expect(await timedOut((runtime) => once(runtime, "pay", null, async () => "paid"))).toBe(stopped);
});

test("an undo does not wait for ever for a step that hangs, and people can leave it", async () => {
  const saga = sagaOf({ run: async () => {} });
  void saga.step(attempt(), step("a"), never);
  await settled();
  expect(await timedOut((runtime) => saga.undoNext(runtime, "s"))).toBe(stopped);
  await saga.leaveStuck(attempt(), "s", "nobody knows");
  expect(namesOf((await saga.report("s")).stuck)).toEqual(["a"]);
});

test("an undo that hangs until its node times out can be left to people, and the one before it is undone", async () => {
  const saga = sagaOf({ run: async ({ name }) => (name === "b" ? never() : undefined) });
  for (const name of ["a", "b"]) await saga.step(attempt(), step(name), async () => name);
  const stop = new AbortController();
  void saga.undoNext(attempt(stop.signal), "s");
  await settled();
  stop.abort(stopped);
  await saga.leaveStuck(attempt(), "s", "the bank does not answer");
  // The node that asked people runs again: the step before was not asked about.
  await saga.leaveStuck(attempt(), "s", "the bank does not answer");
  expect(await saga.undoNext(attempt(), "s")).toMatchObject({ name: "a" });
  const { standing, undone, stuck } = await saga.report("s");
  expect([standing, undone, stuck].map(namesOf)).toEqual([[], ["a"], ["b"]]);
});

test("a timed-out undo that fails late does not open again what people have given up", async () => {
  let fail: (reason: Error) => void = () => {};
  const late = new Promise<void>((_, reject) => {
    fail = reject;
  });
  const saga = sagaOf({ run: () => late });
  await saga.step(attempt(), step("a"), async () => "a");
  const stop = new AbortController();
  const zombie = saga.undoNext(attempt(stop.signal), "s");
  await settled();
  stop.abort(stopped);
  await saga.leaveStuck(attempt(), "s", "the bank does not answer");
  fail(new Error("socket closed"));
  await expect(zombie).rejects.toThrow("socket closed");
  expect((await saga.report("s")).stuck).toMatchObject([{ name: "a", problem: "the bank does not answer" }]);
});

test("two graphs that each made their tools over one ledger make an effect once", async () => {
  const ledger = memoryLedger();
  let paid = 0;
  const pay = async () => {
    await settled();
    return ++paid;
  };
  const calls = [effects(ledger), effects(ledger)].map(({ once }) => once(attempt(), "pay", null, pay));
  expect(await Promise.all(calls)).toEqual([1, 1]);
  expect(paid).toBe(1);
});
