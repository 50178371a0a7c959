/** Workers that share one breaker's state, for tests on fake timers. */
import { expect, vi } from "vitest";
import type { BreakerEvent } from "#src/events/index.ts";
import { Fault } from "#src/faults/index.ts";
import { type Breaker, type BreakerStates, breaker } from "#src/isolation/index.ts";
import { memoryStates } from "./breaker-memory-states.ts";
import { streamed, thrownBy } from "./calls.ts";

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
export const openMs = 10_000;
export const name = "the endpoint";
export const down = new Fault("transient", "http_503", "down");

export function workers(count: number, after = 5, asked?: BreakerStates) {
  const states = memoryStates();
  let calls = 0;
  const changes: string[] = [];
  const onChange = ({ type }: BreakerEvent) => changes.push(type);
  const all = Array.from({ length: count }, () =>
    breaker(name, { after, openMs, states: asked ?? states, probeMs: 60_000, onChange }),
  );
  const heard = streamed();
  const fail = (worker: Breaker, thrown: unknown = down) =>
    thrownBy(
      worker.run(heard.runtime, async () => {
        calls += 1;
        throw thrown;
      }),
    );
  const succeed = (worker: Breaker) =>
    worker.run(heard.runtime, async () => {
      calls += 1;
      return "answer";
    });
  const [one, other] = all as [Breaker, Breaker];
  const open = async () => {
    for (let time = 0; time < after; time++) await fail(one);
    expect(one.state).toBe("open");
  };
  return { states, all, one, other, heard, changes, fail, succeed, open, calls: () => calls };
}
