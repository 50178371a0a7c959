/**
 * The one wrapper around a node: it turns whatever was thrown into a Fault, waits before a further attempt,
 * and says what happened on the event stream.
 *
 * It does not decide where a fault goes (that is `errorRoutes`) and it does not retry (that is the node's
 * LangGraph RetryPolicy). Control flow (interrupt, ParentCommand, drain, abort) passes through untouched.
 */
import { Command, type LangGraphRunnableConfig } from "@langchain/langgraph";
import { emit } from "../events/index.ts";
import { classify, Fault, isControlFlow } from "../faults/index.ts";
import { backoffMs, wait } from "../retry/index.ts";
import { attemptsOf, rememberAttempt } from "./attempts.ts";
import type { FaultState } from "./channels.ts";
import { isRetryable, type NodePolicy, policyOf } from "./policy.ts";
import { retried, retriesSpent } from "./records.ts";

/** A node's second argument: LangGraph's Runtime, with the run's config that the same object carries. */
export type NodeRuntime<Context extends Record<string, unknown> = Record<string, unknown>> =
  LangGraphRunnableConfig<Context>;

/**
 * Wraps a node for `addNode(name, guarded(node), routed())`.
 *
 * Before attempt n > 1 it waits: as long as the last fault's Retry-After says, plus up to `baseMs` so that a herd
 * does not return as one, else by the policy's jittered backoff. The wait ends at once when the run is aborted, and
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

    const failed = (fault: Fault, which: number): void => {
      rememberAttempt(runtime, taskId, fault);
      const { category, code, message } = fault;
      emit(runtime, { type: "attempt_failed", node: name, attempt: which, category, code, message });
    };

    // LangGraph's timeout ends an attempt outside this wrapper: what it left no fault for, it timed out.
    if (attemptsOf(runtime, taskId).length < attempt - 1) {
      failed(
        new Fault("transient", "node_timeout", `${name} did not finish within its timeout`),
        attempt - 1,
      );
    }
    const earlier = attemptsOf(runtime, taskId);
    if (attempt > 1) await waitBefore(attempt, earlier.at(-1), policy, runtime, random);
    try {
      return survived(await node(state, runtime), retried(state as FaultState, name, taskId, earlier));
    } catch (thrown) {
      if (isControlFlow(thrown, runtime.signal)) throw thrown;
      const fault = notMet(classify(thrown));
      failed(fault, attempt);
      const spent = retriesSpent(state as FaultState) + earlier.length;
      if (!isRetryable(fault, policy) || spent < policy.retryBudget) throw fault;
      throw new Fault("compensable", "retry_budget_spent", fault.message, { cause: fault });
    }
  };
}

/**
 * LangGraph takes an error object that a handler has dealt with for handled wherever it is thrown again, and ends the
 * run in silence (measured on 1.7.3). It marks each object that it meets; a marked one goes on as a copy.
 */
function notMet(fault: Fault): Fault {
  if (!("pregelTaskId" in fault)) return fault;
  const { category, code, message, retryAfterMs, details } = fault;
  return new Fault(category, code, message, {
    cause: fault,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(details === undefined ? {} : { details }),
  });
}

/** The name that LangGraph gave the node. Empty outside a graph. */
export function nodeName(runtime: { metadata?: Record<string, unknown> | undefined }): string {
  return String(runtime.metadata?.["langgraph_node"] ?? "");
}

async function waitBefore(
  attempt: number,
  last: Fault | undefined,
  policy: NodePolicy,
  runtime: NodeRuntime,
  random: () => number,
): Promise<void> {
  const { baseMs, capMs, jitter } = policy;
  const asked = last?.retryAfterMs;
  const ms =
    asked === undefined
      ? backoffMs({ attempt: attempt - 1, baseMs, capMs, jitter, random })
      : asked + random() * baseMs;
  const reason = asked === undefined ? "backoff" : "retry_after";
  emit(runtime, { type: "waiting", node: nodeName(runtime), attempt, ms: Math.round(ms), reason });
  await wait(ms, runtime.signal, runtime.heartbeat);
  runtime.heartbeat?.();
}

/** Adds what the node survived to what it returns, so that both stand in the same checkpoint. */
function survived<Update>(update: Update, extra: Required<Pick<FaultState, "faults" | "rounds">>): Update {
  if (extra.faults.length === 0) return update;
  if (!(update instanceof Command)) return { ...update, ...extra };
  return new Command({ ...update, update: { ...(update.update as object | undefined), ...extra } }) as Update;
}
