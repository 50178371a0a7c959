/**
 * How a planning that cannot go on leaves. A plan that was refused too often is worth another attempt: that goes to the
 * supervisor, which begins anew. What waits for a service is parked, and everything else is staff's.
 */
import { Fault } from "#src/faults/index.ts";
import type { FaultState } from "#src/routing/index.ts";
import { giveUp } from "../give-up.ts";

const refusals = /^(refused|amended)_by_/;

/** @throws Fault compensable for refusals that have spent their rounds. */
export function leave(state: FaultState): ReturnType<typeof giveUp> {
  const last = state.faults?.at(-1);
  if (last !== undefined && refusals.test(last.code)) throw new Fault("compensable", last.code, last.message);
  return giveUp(state);
}
