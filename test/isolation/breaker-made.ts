/** A breaker of one process with what is heard of it, for tests on fake timers. */
import { expect, vi } from "vitest";
import type { BreakerEvent } from "#src/events/index.ts";
import { Fault } from "#src/faults/index.ts";
import { type Breaker, breaker } from "#src/isolation/index.ts";
import { pending, streamed, thrownBy } from "./calls.ts";

export const down = new Fault("transient", "http_503", "down");
export const openMs = 10_000;
export const probeMs = 60_000;

export function made(after = 3) {
  const changes: BreakerEvent[] = [];
  const endpoint = breaker("the endpoint", {
    after,
    openMs,
    probeMs,
    onChange: (event) => changes.push(event),
  });
  const { runtime, events, types } = streamed();
  const succeed = () => endpoint.run(runtime, async () => "answer");
  const fail = (thrown: unknown = down) =>
    thrownBy(
      endpoint.run(runtime, async () => {
        throw thrown;
      }),
    );
  const failTimes = async (times: number) => {
    for (let time = 0; time < times; time++) expect(await fail()).toBe(down);
  };
  return { endpoint, runtime, events, types, changes, succeed, fail, failTimes };
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

export async function refused(endpoint: Breaker): Promise<Fault> {
  const { call, begun } = pending();
  const fault = (await thrownBy(endpoint.run(streamed().runtime, call))) as Fault;
  expect(begun()).toBe(0);
  expect(fault).toMatchObject({ category: "transient", code: "circuit_open" });
  return fault;
}
