/**
 * The state channels that routing needs: every fault that was met, how often each route was taken, what was spent of the
 * budgets, and which nodes go on where they stopped.
 *
 * Spread `faultChannels` into a graph's `z.object` state. All merge by key and are safe to share with a
 * subgraph (the same record merged twice is one record), and all live in checkpoints: a bound counted here
 * survives a crash, where a counter in memory or LangGraph's own retry budget would start anew.
 */
import { registry } from "@langchain/langgraph/zod";
import { z } from "zod";
import { categories, type FaultRecord } from "../faults/index.ts";

/** Faults kept in state; older ones fall out, so that a thread's checkpoints do not grow for ever. */
export const KEPT_FAULTS = 100;
/** Of those that were routed and may still wait for their route: a wide fan-out can fail whole. */
export const KEPT_WAITING = 1_000;

const faultRecordSchema: z.ZodType<FaultRecord, FaultRecord> = z.object({
  id: z.string(),
  node: z.string(),
  category: z.enum(categories),
  code: z.string(),
  message: z.string(),
  attempts: z.number(),
  details: z.record(z.string(), z.json()).optional(),
  route: z.string().optional(),
  answer: z.string().optional(),
  settled: z.boolean().optional(),
  visit: z.string().optional(),
  sent: z.unknown().optional(),
});

/** A later record replaces the earlier one with its id; a new one goes last. */
export function mergeFaults(kept: FaultRecord[], added: FaultRecord[]): FaultRecord[] {
  const byId = new Map(kept.map((record) => [record.id, record]));
  for (const record of added) byId.set(record.id, record);
  const records = [...byId.values()];
  const waiting = new Set(records.filter(waits).slice(-KEPT_WAITING));
  let toDrop = records.length - KEPT_FAULTS;
  return records.filter((record) => waiting.has(record) || toDrop-- <= 0);
}

function waits({ route, settled }: FaultRecord): boolean {
  return route !== "retried" && settled !== true;
}

/** Counters only grow, so the larger of two counts is the newer one. */
export function mergeRounds(
  kept: Record<string, number>,
  added: Record<string, number>,
): Record<string, number> {
  const merged = { ...kept };
  for (const [key, count] of Object.entries(added)) merged[key] = Math.max(merged[key] ?? 0, count);
  return merged;
}

/** A run of a node in superstep `step` that goes on with the visit of the task at `namespace`. */
export interface Visit {
  namespace: string;
  step: number;
}

const visitSchema: z.ZodType<Visit, Visit> = z.object({ namespace: z.string(), step: z.number() });

export function mergeVisits(
  kept: Record<string, Visit>,
  added: Record<string, Visit>,
): Record<string, Visit> {
  return { ...kept, ...added };
}

/** `register` comes last: `describe` makes a new schema, and the registry knows only the one it was given. */
export const faultChannels = {
  faults: z
    .array(faultRecordSchema)
    .default(() => [])
    .describe("Every fault met on this thread, and where it was routed")
    .register(registry, { reducer: { fn: mergeFaults }, default: () => [] }),
  rounds: z
    .record(z.string(), z.number())
    .default(() => ({}))
    .describe("How often each route was taken and each node retried")
    .register(registry, { reducer: { fn: mergeRounds }, default: () => ({}) }),
  spent: z
    .record(z.string(), z.number())
    .default(() => ({}))
    .describe("What was spent of each budget, by the run and by the thread")
    .register(registry, { reducer: { fn: mergeRounds }, default: () => ({}) }),
  visits: z
    .record(z.string(), visitSchema)
    .default(() => ({}))
    .describe("Nodes that were gone back to, and the task that each stood in for")
    .register(registry, { reducer: { fn: mergeVisits }, default: () => ({}) }),
};

/** What a node and a handler can read of those channels. Absent in a graph that did not declare them. */
export type FaultState = {
  faults?: FaultRecord[];
  rounds?: Record<string, number>;
  spent?: Record<string, number>;
  visits?: Record<string, Visit>;
};
