/**
 * Where a case goes that the machine cannot finish and that left nothing to undo: to staff, with a plain word. One that
 * only a service stands in the way of is parked instead, for when that is back.
 */
import type { FaultState } from "#src/routing/index.ts";

const waiting: ReadonlySet<string> = new Set(["circuit_open", "model_down"]);

export function giveUp({ faults }: FaultState): { trouble: string } | { parked: string } {
  const last = faults?.at(-1);
  const message = last?.message ?? "the desk could not go on";
  return waiting.has(last?.code ?? "") ? { parked: message } : { trouble: message };
}
