/** What routing writes into the fault channels: one record for each attempt that failed. */
import type { Fault, FaultRecord } from "../faults/index.ts";
import { faultRecord } from "../faults/index.ts";
import type { FaultState } from "./channels.ts";

/** The counter in the `rounds` channel that holds a node's retries. */
export const retriesKey = (node: string): string => `${node}:retries`;

/** Attempts that this thread has retried so far, all nodes together. */
export function retriesSpent(state: FaultState): number {
  return Object.entries(state.rounds ?? {}).reduce(
    (sum, [key, n]) => (key.endsWith(":retries") ? sum + n : sum),
    0,
  );
}

/** The update for faults that a further attempt of the same task mended, or at least followed. */
export function retried(
  state: FaultState,
  node: string,
  taskId: string,
  faults: readonly Fault[],
): Required<Pick<FaultState, "faults" | "rounds">> {
  if (faults.length === 0) return { faults: [], rounds: {} };
  const records = faults.map(
    (fault, index): FaultRecord => ({
      ...faultRecord(fault, { id: `${taskId}:${index + 1}`, node, attempts: index + 1 }),
      route: "retried",
    }),
  );
  const key = retriesKey(node);
  return { faults: records, rounds: { [key]: (state.rounds?.[key] ?? 0) + faults.length } };
}
