/** Where a case goes that the machine cannot finish and that left nothing to undo: to staff, with a plain word. */
import type { FaultState } from "#src/routing/index.ts";

export function giveUp({ faults }: FaultState): { trouble: string } {
  return { trouble: faults?.at(-1)?.message ?? "the desk could not go on" };
}
