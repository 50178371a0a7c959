import { AsyncLocalStorage } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bulkhead } from "#src/isolation/index.ts";
import { enter, pass, refused } from "./bulkhead-calls.ts";
import { pending, streamed } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
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
