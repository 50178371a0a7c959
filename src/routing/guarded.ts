/**
 * The one wrapper around a node: it turns whatever was thrown into a Fault, waits before a further attempt,
 * and says what happened on the event stream.
 *
 * It does not decide where a fault goes (that is `errorRoutes`) and it does not retry (that is the node's
 * LangGraph RetryPolicy). Control flow (interrupt, ParentCommand, drain, abort) passes through untouched.
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { emit } from "../events/index.ts";
import { classify, Fault, isControlFlow } from "../faults/index.ts";
import { backoffMs, wait } from "../retry/index.ts";
import {
  attemptsOf,
  countRetry,
  forgetAttempts,
  lastWait,
  rememberAttempt,
  rememberWait,
  spentSince,
  withRetries,
} from "./attempts.ts";
import { faultState } from "./fault-state.ts";
import { taskNamespace } from "./namespace.ts";
import { isRetryable, type NodePolicy, policyOf } from "./policy.ts";
import { retried, retriesKey, retriesSpent, survived } from "./records.ts";
import { under, visitOf, withoutVisit } from "./visit.ts";

/** A node's second argument: LangGraph's Runtime, with the run's config that the same object carries. */
export type NodeRuntime<Context extends Record<string, unknown> = Record<string, unknown>> =
  LangGraphRunnableConfig<Context>;

/**
 * Wraps a node for `addNode(name, guarded(node), routed())`.
 *
 * Before attempt n > 1 it waits: as long as the last fault's Retry-After says, plus up to `baseMs` so that a herd
 * does not return as one, else by the policy's jittered backoff. Never longer than `capMs`. The wait ends at once when the run is aborted, and
 * its heartbeats keep it out of the node's own timeout. A node that recovered by retrying leaves its faults in the
 * `faults` channel with the route "retried".
 *
 * @param node - The node. It may run more than once: put its effects into the ledger.
 * @param random - Source of jitter, in [0, 1). Default Math.random.
 * @returns A node that rejects with control flow as it was, or with a `Fault` and nothing else.
 */
export function guarded<State, Runtime extends NodeRuntime, Update>(
  node: (state: State, runtime: Runtime) => Update | Promise<Update>,
  random: () => number = Math.random,
): (state: State, runtime: Runtime) => Promise<Update> {
  return async (state, runtime) => {
    const policy = policyOf(runtime);
    const name = nodeName(runtime);
    const taskId = runtime.executionInfo?.taskId ?? "";
    const attempt = runtime.executionInfo?.nodeAttempt ?? 1;
    const { rounds, spent } = faultState(runtime, state);
    if (attempt === 1) forgetAttempts(runtime, taskId);

    /** Takes one retry from the thread's budget. False when it is spent. */
    const takeRetry = (): boolean => {
      if (retriesSpent(withRetries(runtime, rounds)) >= policy.retryBudget) return false;
      countRetry(runtime, retriesKey(name), rounds);
      return true;
    };
    const failed = (fault: Fault, which: number): void => {
      rememberAttempt(runtime, taskId, fault);
      const { category, code, message } = fault;
      emit(runtime, { type: "attempt_failed", node: name, attempt: which, category, code, message });
    };

    // LangGraph's timeout ends an attempt outside this wrapper: what it left no fault for, it timed out.
    if (attemptsOf(runtime, taskId).length < attempt - 1) {
      const timeout = new Fault("transient", "node_timeout", `${name} did not finish within its timeout`);
      failed(timeout, attempt - 1);
      if (!takeRetry()) throw budgetSpent(timeout);
    }
    const earlier = attemptsOf(runtime, taskId);
    if (attempt > 1) await waitBefore(attempt, earlier.at(-1), policy, runtime, random);
    try {
      const visit = visitOf(runtime, name, state, taskNamespace(runtime));
      const update = await node(withoutVisit(state), under(runtime, visit));
      const counted = withRetries(runtime, rounds);
      return survived(update, retried(name, taskId, earlier, counted, spentSince(runtime, spent)));
    } catch (thrown) {
      if (isControlFlow(thrown, runtime.signal)) throw thrown;
      const fault = fresh(classify(thrown), thrown);
      // The attempt was over before its body: what a timed-out one throws in the end is nobody's fault any more.
      if (runtime.signal?.aborted) throw fault;
      failed(fault, attempt);
      const last = attempt >= policy.attempts;
      if (last || !isRetryable(fault, policy) || takeRetry()) throw fault;
      throw budgetSpent(fault);
    }
  };
}

function budgetSpent(fault: Fault): Fault {
  return new Fault("compensable", "retry_budget_spent", fault.message, { cause: fault });
}

/**
 * A Fault that a body threw goes on as a copy. LangGraph 1.7.3 takes an error object that a handler has dealt with for
 * handled wherever it is thrown again, and ends the run in silence: no two nodes may throw one and the same.
 */
function fresh(fault: Fault, thrown: unknown): Fault {
  if (fault !== thrown) return fault;
  const { category, code, message, cause, retryAfterMs, details, stack } = fault;
  const copy = new Fault(category, code, message, {
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(details === undefined ? {} : { details }),
  });
  if (stack !== undefined) copy.stack = stack;
  return copy;
}

/** The name that LangGraph gave the node. Empty outside a graph. */
export function nodeName(runtime: { metadata?: Record<string, unknown> | undefined }): string {
  return String(runtime.metadata?.["langgraph_node"] ?? "");
}

async function waitBefore(
  attempt: number,
  last: Fault | undefined,
  { baseMs, capMs, jitter }: NodePolicy,
  runtime: NodeRuntime,
  random: () => number,
): Promise<void> {
  const taskId = runtime.executionInfo?.taskId ?? "";
  const asked = last?.retryAfterMs;
  const previousMs = lastWait(runtime, taskId) ?? baseMs;
  const ms =
    asked === undefined
      ? backoffMs({ attempt: attempt - 1, baseMs, capMs, jitter, previousMs, random })
      : Math.min(capMs, asked + random() * baseMs);
  rememberWait(runtime, taskId, ms);
  const reason = asked === undefined ? "backoff" : "retry_after";
  emit(runtime, { type: "waiting", node: nodeName(runtime), attempt, ms: Math.round(ms), reason });
  await wait(ms, runtime.signal, runtime.heartbeat);
  runtime.heartbeat?.();
}
