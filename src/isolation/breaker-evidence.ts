/** What the end of a call says about the service behind a breaker. By `classify`, never by prose. */
import { classify, isControlFlow } from "../faults/index.ts";

/**
 * - "answer": it is there, whatever it said. A 4xx, a rate limit and a malformed answer are answers.
 * - "failure": it is down or too slow.
 * - "nothing": it was not asked, or the run was stopped before it could answer.
 */
export type Evidence = "answer" | "failure" | "nothing";

/** Transient, but said by a service that is up. */
const answers: ReadonlySet<string> = new Set([
  "http_425",
  "http_429",
  "model_rate_limit",
  "rate_limit_exceeded",
  "pg_40001", // serialization failure
  "pg_40p01", // deadlock
  "pg_55p03", // a lock was not available
]);

/** The kit's own words for calls that were not made, or not let finish. */
const silences: ReadonlySet<string> = new Set([
  "aborted",
  "budget_spent",
  "bulkhead_full",
  "circuit_open",
  "lease_held",
  "lease_lost",
]);

/** @param signal - The run's. LangGraph aborts it without a word when a node times out, so that counts for nothing. */
export function evidenceIn(thrown: unknown, signal: AbortSignal | undefined): Evidence {
  if (isControlFlow(thrown, signal)) return "nothing";
  const { category, code } = classify(thrown);
  if (silences.has(code)) return "nothing";
  return category === "transient" && !answers.has(code) ? "failure" : "answer";
}
