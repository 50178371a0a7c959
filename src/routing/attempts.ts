/**
 * What routing remembers within one run: the faults of each task's attempts so far, the retries of tasks that have not
 * finished and what these spent of their budgets, and the thrown objects behind the records in state.
 *
 * Kept beside the run, never in a node's closure: it is gone with the run, also when an abort comes between two attempts.
 * Nothing here needs to survive a crash.
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Fault } from "../faults/index.ts";
import { mergeRounds } from "./channels.ts";
import { besideRun } from "./run-memory.ts";

interface RunMemory {
  readonly attempts: Map<string, Fault[]>;
  readonly originals: Map<string, Fault>;
  readonly retries: Map<string, number>;
  readonly spent: Map<string, number>;
  readonly waits: Map<string, number>;
}

const memoryOf = besideRun<RunMemory>(() => ({
  attempts: new Map(),
  originals: new Map(),
  retries: new Map(),
  spent: new Map(),
  waits: new Map(),
}));

/** The faults of a task's attempts in this run, oldest first. */
export function attemptsOf(config: LangGraphRunnableConfig | undefined, taskId: string): readonly Fault[] {
  return memoryOf(config).attempts.get(taskId) ?? [];
}

export function rememberAttempt(config: LangGraphRunnableConfig, taskId: string, fault: Fault): void {
  const { attempts } = memoryOf(config);
  attempts.set(taskId, [...(attempts.get(taskId) ?? []), fault]);
}

/** A task that starts anew: LangGraph counts attempts from 1 in each run, and one RunControl may serve several. */
export function forgetAttempts(config: LangGraphRunnableConfig, taskId: string): void {
  const { attempts, waits } = memoryOf(config);
  attempts.delete(taskId);
  waits.delete(taskId);
}

/** The wait before the task's last attempt, in ms: decorrelated jitter goes on from it. */
export function lastWait(config: LangGraphRunnableConfig, taskId: string): number | undefined {
  return memoryOf(config).waits.get(taskId);
}

export function rememberWait(config: LangGraphRunnableConfig, taskId: string, ms: number): void {
  memoryOf(config).waits.set(taskId, ms);
}

/**
 * The `rounds` channel with this run's retries: those of parallel tasks, which the channel does not show before their
 * superstep ends.
 */
export function withRetries(
  config: LangGraphRunnableConfig | undefined,
  rounds: Record<string, number> = {},
): Record<string, number> {
  return mergeRounds(rounds, Object.fromEntries(memoryOf(config).retries));
}

/** Counts one retry under `key`, on top of what state and this run have counted. */
export function countRetry(
  config: LangGraphRunnableConfig,
  key: string,
  rounds?: Record<string, number>,
): void {
  memoryOf(config).retries.set(key, (withRetries(config, rounds)[key] ?? 0) + 1);
}

/**
 * What this run has counted against the budgets, parallel tasks included, as far as state does not have it yet.
 *
 * @param saved - The `spent` channel.
 */
export function spentSince(
  config: LangGraphRunnableConfig | undefined,
  saved: Readonly<Record<string, number>> = {},
): Record<string, number> {
  return Object.fromEntries([...memoryOf(config).spent].filter(([key, count]) => count > (saved[key] ?? 0)));
}

/** Adds to a counter of the budgets, on top of what state and this run have counted. */
export function countSpent(
  config: LangGraphRunnableConfig | undefined,
  key: string,
  more: number,
  saved: Readonly<Record<string, number>> = {},
): void {
  const { spent } = memoryOf(config);
  spent.set(key, Math.max(saved[key] ?? 0, spent.get(key) ?? 0) + more);
}

/** The counter begins anew. */
export function forgetSpent(config: LangGraphRunnableConfig | undefined, key: string): void {
  memoryOf(config).spent.delete(key);
}

/** The fault behind a record, with its cause and stack, when this run threw it. */
export function originalOf(config: LangGraphRunnableConfig | undefined, recordId: string): Fault | undefined {
  return memoryOf(config).originals.get(recordId);
}

export function rememberOriginal(
  config: LangGraphRunnableConfig | undefined,
  recordId: string,
  fault: Fault,
): void {
  memoryOf(config).originals.set(recordId, fault);
}
