/** One control that serves a process for all its life must not keep what each thread has ever done. */
import { RunControl } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { besideRun } from "#src/routing/run-memory.ts";

const on = (control: RunControl, threadId?: string) =>
  ({ control, executionInfo: { ...(threadId === undefined ? {} : { threadId }) } }) as never;

test("what was not used for longest falls out, and not what a long run still uses", () => {
  const memoryOf = besideRun(() => ({}));
  const control = new RunControl();
  const [long, old] = [memoryOf(on(control, "long")), memoryOf(on(control, "old"))];
  for (let i = 0; i < 9_999; i++) memoryOf(on(control, String(i % 2 === 0 ? "long" : i)));
  expect(memoryOf(on(control, "old"))).toBe(old);
  for (let i = 0; i < 10_000; i++) {
    memoryOf(on(control, `more ${i}`));
    memoryOf(on(control, "long"));
  }
  expect(memoryOf(on(control, "long"))).toBe(long);
  expect(memoryOf(on(control, "old"))).not.toBe(old);
});

test("each control has its own, with and without a thread id; outside a run nobody keeps one", () => {
  const memoryOf = besideRun(() => ({}));
  const [one, another] = [new RunControl(), new RunControl()];
  expect(memoryOf(on(one))).toBe(memoryOf(on(one)));
  expect(memoryOf(on(one, "t"))).toBe(memoryOf(on(one, "t")));
  const all = [memoryOf(on(one)), memoryOf(on(another)), memoryOf(on(one, "t")), memoryOf(undefined)];
  expect(new Set([...all, memoryOf(undefined)]).size).toBe(5);
});
