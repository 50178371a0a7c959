import { AsyncLocalStorage } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { GraphInterrupt } from "@langchain/langgraph";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Fault } from "#src/faults/index.ts";
import { type Bulkhead, bulkhead } from "#src/isolation/index.ts";
import { pending, streamed, thrownBy, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Starts a call of a tenant, which the test ends. */
function enter(slots: Bulkhead, tenant?: string, heard = streamed()) {
  const call = pending();
  const run = watch(slots.run({ runtime: heard.runtime, tenant }, call.call));
  return { ...call, run, heard };
}

async function refused(slots: Bulkhead, tenant?: string): Promise<Fault> {
  const { call, begun } = pending();
  const fault = (await thrownBy(slots.run({ runtime: {}, tenant }, call))) as Fault;
  expect(begun()).toBe(0);
  expect(fault).toMatchObject({ category: "transient", code: "bulkhead_full" });
  return fault;
}

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

describe("a call that waits", () => {
  test("leaves the queue at once when its run is stopped, and nobody behind it is stuck", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 2 });
    const first = enter(slots);
    const stop = new AbortController();
    const stopped = enter(slots, undefined, streamed(stop.signal));
    const behind = enter(slots);
    await refused(slots);
    stop.abort(new Error("stopped"));
    await pass(0);
    expect(stopped.run.error).toBe(stop.signal.reason);
    expect(slots.waiting).toBe(1);
    const late = enter(slots);
    first.end("done");
    await pass(0);
    expect([stopped.begun(), behind.begun(), late.begun()]).toEqual([0, 1, 0]);
  });

  test("leaves nothing behind on the signal and no timer, however the wait ends", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 2 });
    const first = enter(slots);
    const stop = new AbortController();
    enter(
      slots,
      undefined,
      streamed(stop.signal, () => {}),
    );
    expect(vi.getTimerCount()).toBe(1);
    first.end("done");
    await pass(0);
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
    const left = new AbortController();
    enter(
      slots,
      undefined,
      streamed(left.signal, () => {}),
    );
    left.abort();
    expect(getEventListeners(left.signal, "abort")).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("shows that it is alive ten times a second, so that no idle timeout takes the wait for a hang", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 2 });
    const first = enter(slots);
    const beats: number[] = [];
    const begun = Date.now();
    const second = enter(
      slots,
      undefined,
      streamed(undefined, () => beats.push(Date.now() - begun)),
    );
    await pass(350);
    first.end("done");
    await pass(1_000);
    expect(second.begun()).toBe(1);
    // The last one when its turn came: from there on its own time counts.
    expect(beats).toEqual([100, 200, 300, 350]);
  });

  test("and whose heartbeat throws gets that, and leaves the queue", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 2 });
    enter(slots);
    const second = enter(
      slots,
      undefined,
      streamed(undefined, () => {
        throw "no pulse";
      }),
    );
    await pass(100);
    expect(second.run.error).toBe("no pulse");
    expect(slots.waiting).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("runs in its own async context, not in that of the call whose slot it gets", async () => {
    const context = new AsyncLocalStorage<string>();
    const slots = bulkhead("model calls", { slots: 1, queue: 2 });
    const first = context.run("first", () => enter(slots));
    const second = context.run("second", () => slots.run({ runtime: {} }, async () => context.getStore()));
    first.end("done");
    await pass(0);
    expect(await second).toBe("second");
  });

  test("of a run that was stopped before does not even queue", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 2 });
    const { call, begun } = pending();
    const { runtime } = streamed(AbortSignal.abort("stopped"));
    await expect(slots.run({ runtime }, call)).rejects.toBe("stopped");
    expect([begun(), slots.running]).toEqual([0, 0]);
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

describe("tenants", () => {
  const perTenant = { slots: 1, queue: 1 };

  test("a loud one fills its own slots and queue, and the others' calls go on", async () => {
    const slots = bulkhead("model calls", { slots: 3, queue: 10, perTenant });
    const loud = [enter(slots, "loud"), enter(slots, "loud")];
    const fault = await refused(slots, "loud");
    expect(fault.message).toBe("model calls of tenant loud: the queue for 1 slots is full, 1 wait");
    expect(fault.details).toEqual({ bulkhead: "model calls", tenant: "loud" });
    const quiet = enter(slots, "quiet");
    await pass(0);
    expect([...loud, quiet].map(({ begun }) => begun())).toEqual([1, 0, 1]);
  });

  test("one whose slots are full holds up nobody behind it", async () => {
    const slots = bulkhead("model calls", { slots: 2, queue: 10, perTenant });
    const loud = enter(slots, "loud");
    const [other, again, quiet] = [enter(slots, "other"), enter(slots, "loud"), enter(slots, "quiet")];
    other.end("done");
    await pass(0);
    expect([again.begun(), quiet.begun()]).toEqual([0, 1]);
    loud.end("done");
    await pass(0);
    expect(again.begun()).toBe(1);
  });

  test("all together have the slots and the queue of the whole", async () => {
    const slots = bulkhead("model calls", { slots: 2, queue: 1, perTenant });
    enter(slots, "a");
    enter(slots, "b");
    const waits = enter(slots, "c");
    const fault = await refused(slots, "d");
    expect(fault.details).toEqual({ bulkhead: "model calls" });
    expect(waits.begun()).toBe(0);
  });

  test("a call of none counts against the whole only", async () => {
    const slots = bulkhead("model calls", { slots: 2, queue: 1, perTenant });
    expect([enter(slots), enter(slots)].map(({ begun }) => begun())).toEqual([1, 1]);
    expect(slots.tenants).toBe(0);
  });

  test("that are gone leave nothing behind, whether they were served, stopped or refused", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 1, perTenant });
    const stop = new AbortController();
    const served = enter(slots, "served");
    enter(slots, "stopped", streamed(stop.signal));
    await refused(slots, "refused");
    expect(slots.tenants).toBe(2);
    stop.abort();
    expect(slots.tenants).toBe(1);
    served.end("done");
    await pass(0);
    expect(slots.tenants).toBe(0);
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
