import { GraphInterrupt } from "@langchain/langgraph";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bulkhead } from "#src/isolation/index.ts";
import { enter, pass, refused } from "./bulkhead-calls.ts";
import { pending, streamed, thrownBy } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a bulkhead", () => {
  test("makes so many calls at once, and the next one when a slot is free", async () => {
    const slots = bulkhead("model calls", { slots: 2, queue: 5 });
    const [first, second, third] = [enter(slots), enter(slots), enter(slots)];
    await pass(0);
    expect([first.begun(), second.begun(), third.begun()]).toEqual([1, 1, 0]);
    second.end("done");
    await pass(0);
    expect(second.run.value).toBe("done");
    expect(third.begun()).toBe(1);
  });

  test.each(["an answer", "a failure", "an interrupt"])("frees the slot after %s", async (end) => {
    const slots = bulkhead("model calls", { slots: 1, queue: 1 });
    const [first, second] = [enter(slots), enter(slots)];
    const thrown = end === "a failure" ? new Error("down") : new GraphInterrupt([]);
    if (end === "an answer") first.end("done");
    else first.fail(thrown);
    await pass(0);
    expect(first.run.error).toBe(end === "an answer" ? undefined : thrown);
    expect(second.begun()).toBe(1);
  });

  test("serves those who wait in the order in which they came", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 5 });
    const calls = [enter(slots), enter(slots), enter(slots)];
    for (const [at, call] of calls.entries()) {
      await pass(0);
      expect(calls.map(({ begun }) => begun())).toEqual(calls.map((_, other) => (other <= at ? 1 : 0)));
      call.end("done");
    }
  });

  test("lets nobody who comes in the moment when a slot is free pass those who wait", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 5 });
    const first = enter(slots);
    const second = enter(slots);
    let third: ReturnType<typeof enter> | undefined;
    first.end("done");
    for (let turn = 0; turn < 20 && second.begun() === 0; turn++) {
      third ??= slots.running === 0 ? enter(slots) : undefined;
      await Promise.resolve();
    }
    await pass(0);
    expect([second.begun(), third?.begun() ?? 0]).toEqual([1, 0]);
  });

  test("refuses at once when its queue is full, instead of letting everybody wait", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 2 });
    const calls = [enter(slots), enter(slots), enter(slots)];
    const fault = await refused(slots);
    expect(fault.message).toBe("model calls: the queue for 1 slots is full, 2 wait");
    expect(fault.details).toEqual({ bulkhead: "model calls" });
    calls[0]?.end("done");
    await pass(0);
    expect(slots.waiting).toBe(1);
  });

  test("without a queue refuses whoever finds no slot", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 0 });
    const first = enter(slots);
    await refused(slots);
    first.end("done");
    await pass(0);
    expect(enter(slots).begun()).toBe(1);
  });

  test("says when to come back: how long a slot is held, times the place in the queue, over the slots", async () => {
    const slots = bulkhead("model calls", { slots: 2, queue: 1 });
    const fill = () => [enter(slots), enter(slots), enter(slots)];
    let calls = fill();
    // Nothing is known of the calls yet: 1,000 ms.
    expect((await refused(slots)).retryAfterMs).toBe((1_000 * 2) / 2);
    await pass(6_000);
    for (const call of calls) {
      call.end("done");
      await pass(0);
    }
    // 1,000, then 0.8 · 1,000 + 0.2 · 6,000 = 2,000, then 2,800, then 2,240 by the one that waited.
    calls = fill();
    expect((await refused(slots)).retryAfterMs).toBe((2_240 * 2) / 2);
    expect(calls).toHaveLength(3);
  });

  test("tells the run that was refused", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 0 });
    enter(slots);
    const { runtime, events } = streamed();
    await thrownBy(slots.run({ runtime }, pending().call));
    expect(events).toEqual([
      { type: "call_refused", node: "work", by: "model calls", code: "bulkhead_full", retryAfterMs: 1_000 },
    ]);
  });
});

describe("a call whose run is stopped while it has a slot", () => {
  test("keeps the slot until it settles: the service is still at it", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 1 });
    const stop = new AbortController();
    const first = enter(slots, undefined, streamed(stop.signal));
    const second = enter(slots);
    stop.abort();
    await pass(0);
    expect(second.begun()).toBe(0);
    first.end("too late");
    await pass(0);
    expect(second.begun()).toBe(1);
  });
});

test.each([
  [{ slots: 0, queue: 1 }, "bulkhead b: slots must be a whole number from 1, got 0"],
  [{ slots: 1, queue: -1 }, "bulkhead b: queue must be a whole number from 0, got -1"],
  [
    { slots: 1, queue: 1, perTenant: { slots: 1.5, queue: 1 } },
    "bulkhead b: perTenant.slots must be a whole number from 1, got 1.5",
  ],
])("limits that are none are refused where they are written", (options, message) => {
  expect(() => bulkhead("b", options)).toThrow(new RangeError(message));
});
