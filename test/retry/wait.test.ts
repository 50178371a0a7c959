import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { wait } from "#src/retry/index.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a promise is settled, without waiting for it. */
function watch(promise: Promise<void>): { state: () => string } {
  let state = "waiting";
  promise.then(
    () => {
      state = "done";
    },
    (reason: unknown) => {
      state = `ended: ${String(reason)}`;
    },
  );
  return { state: () => state };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("a wait", () => {
  test("lasts as long as it was asked to, and not a millisecond less", async () => {
    const waiting = watch(wait(1_000));
    await pass(999);
    expect(waiting.state()).toBe("waiting");
    await pass(1);
    expect(waiting.state()).toBe("done");
  });

  test("of a month lasts a month, where Node's own timer would fire at once", async () => {
    const month = 30 * 24 * 3_600_000;
    expect(month).toBeGreaterThan(2 ** 31);
    const waiting = watch(wait(month));
    await pass(60_000);
    expect(waiting.state()).toBe("waiting");
  });

  test("B11: ends at once when the run is stopped, with the signal's reason, and leaves nothing behind", async () => {
    const stop = new AbortController();
    const waiting = watch(wait(60_000, stop.signal));
    await pass(250);
    stop.abort("stopped");
    await pass(0);
    expect(waiting.state()).toBe("ended: stopped");
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
  });

  test("does not begin when the run was stopped before", async () => {
    await expect(wait(60_000, AbortSignal.abort("stopped"))).rejects.toBe("stopped");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that came to its end leaves no listener on a signal that lives on", async () => {
    const { signal } = new AbortController();
    const waiting = watch(wait(1_000, signal));
    await pass(1_000);
    expect(waiting.state()).toBe("done");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("shows that it is alive ten times a second, so that no idle timeout takes it for a hang", async () => {
    const beats: number[] = [];
    const begun = Date.now();
    const waiting = watch(wait(550, undefined, () => beats.push(Date.now() - begun)));
    await pass(550);
    expect(waiting.state()).toBe("done");
    expect(beats).toEqual([100, 200, 300, 400, 500]);
  });

  test("ends with what its heartbeat throws", async () => {
    const waiting = watch(
      wait(1_000, undefined, () => {
        throw "no pulse";
      }),
    );
    await pass(100);
    expect(waiting.state()).toBe("ended: no pulse");
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    "of %d ms is refused by name and value",
    async (ms) => {
      await expect(wait(ms)).rejects.toThrow(
        new RangeError(`wait: ms must be a finite number from 0, got ${ms}`),
      );
    },
  );
});
