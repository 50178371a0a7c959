/** Calls that go through a bulkhead, or are refused, for tests on fake timers. */
import { expect, vi } from "vitest";
import type { Fault } from "#src/faults/index.ts";
import type { Bulkhead } from "#src/isolation/index.ts";
import { pending, streamed, thrownBy, watch } from "./calls.ts";

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Starts a call of a tenant, which the test ends. */
export function enter(slots: Bulkhead, tenant?: string, heard = streamed()) {
  const call = pending();
  const run = watch(slots.run({ runtime: heard.runtime, tenant }, call.call));
  return { ...call, run, heard };
}

export async function refused(slots: Bulkhead, tenant?: string): Promise<Fault> {
  const { call, begun } = pending();
  const fault = (await thrownBy(slots.run({ runtime: {}, tenant }, call))) as Fault;
  expect(begun()).toBe(0);
  expect(fault).toMatchObject({ category: "transient", code: "bulkhead_full" });
  return fault;
}
