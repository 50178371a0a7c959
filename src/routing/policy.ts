/**
 * One node's retry policy, as plain data in the node's `metadata`.
 *
 * `routed()` writes it, `guarded()` and the error handler read it at run time; Studio shows it at the node.
 * It says how often and how long. *Whether* an error is worth a retry is `classify`'s word alone.
 */
import type { RetryPolicy } from "@langchain/langgraph";
import { classify } from "../faults/index.ts";
import type { Jitter } from "../retry/index.ts";

export interface NodePolicy {
  /** Total attempts, the first one included. Default 4. */
  readonly attempts: number;
  /** First backoff, before jitter. Default 200 ms. */
  readonly baseMs: number;
  /** No wait is longer; a Retry-After beyond it ends the retries instead. Default 10,000 ms. */
  readonly capMs: number;
  /** Default "full". */
  readonly jitter: Jitter;
  /** Failed attempts that one thread may retry, all nodes together. Default 100. */
  readonly retryBudget: number;
}

export const defaultPolicy: NodePolicy = {
  attempts: 4,
  baseMs: 200,
  capMs: 10_000,
  jitter: "full",
  retryBudget: 100,
};

/** Fills in the defaults and checks the numbers where they are written, so that a typo fails at import. */
export function policyFrom(given: Partial<NodePolicy>): NodePolicy {
  const { attempts, baseMs, capMs, jitter, retryBudget } = { ...defaultPolicy, ...given };
  for (const [field, value, least] of [
    ["attempts", attempts, 1],
    ["baseMs", baseMs, 0],
    ["capMs", capMs, 0],
    ["retryBudget", retryBudget, 0],
  ] as const) {
    if (!Number.isFinite(value) || value < least) {
      throw new RangeError(`errorRoutes: ${field} must be a number of at least ${least}, got ${value}`);
    }
  }
  if (!Number.isInteger(attempts)) {
    throw new RangeError(`errorRoutes: attempts must be a whole number, got ${attempts}`);
  }
  return { attempts, baseMs, capMs, jitter, retryBudget };
}

/** Finds the policy in a node's metadata. A guarded node without `routed()` gets the defaults and no retries. */
export function policyOf(runtime: { metadata?: Record<string, unknown> | undefined }): NodePolicy {
  const found = runtime.metadata?.["faultline"] as NodePolicy | undefined;
  return found ?? { ...defaultPolicy, attempts: 1 };
}

/**
 * True when another attempt makes sense: transient, and the other side does not ask for more time than the cap. An open
 * breaker has tried enough for all its callers, so that none spends a retry on it.
 */
export function isRetryable(error: unknown, policy: NodePolicy): boolean {
  const { category, code, retryAfterMs = 0 } = classify(error);
  return category === "transient" && code !== "circuit_open" && retryAfterMs <= policy.capMs;
}

/**
 * LangGraph's RetryPolicy for the node. It waits 0 ms of its own: its jitter adds up to a second beyond any cap,
 * its sleep cannot be aborted and it knows no Retry-After (measured on 1.7.3), so `guarded` waits instead.
 */
export function retryPolicyOf(policy: NodePolicy): RetryPolicy {
  return {
    maxAttempts: policy.attempts,
    initialInterval: 0,
    jitter: false,
    logWarning: false,
    retryOn: (error: unknown) => isRetryable(error, policy),
  };
}
