/**
 * What keeps one service, or one tenant, from taking the rest of the desk with it: a breaker for each endpoint, and
 * slots for each kind of call. Opened with the resources, once a process; nodes go through it with every call.
 */
import { classify, isControlFlow } from "#src/faults/index.ts";
import { type Breaker, type BreakerStates, type Bulkhead, breaker, bulkhead } from "#src/isolation/index.ts";
import { contextOf, type DeskRuntime } from "./context.ts";
import { retries } from "./retries.ts";

export interface DeskIsolation {
  /** Calls of models: minutes long where a model is slow. */
  readonly modelCalls: Bulkhead;
  /** Calls of payment and mail. The shop's own tables have the pool for a bulkhead. */
  readonly toolCalls: Bulkhead;
  readonly model: Breaker;
  readonly fallback: Breaker;
  readonly payment: Breaker;
  readonly mail: Breaker;
}

/**
 * More failures in a row than one ticket tries, so that what one ticket meets alone opens no breaker for the others; and
 * more than bad weather brings.
 */
const after = retries.attempts + 2;
const openMs = 10_000;

/** @param names - Of the models' endpoints, as faults and events are to call them. @param states - Shared by processes. */
export function deskIsolation(
  names: { readonly model: string; readonly fallback: string },
  states?: BreakerStates,
): DeskIsolation {
  const endpoint = (name: string) => breaker(name, { after, openMs, states });
  const slots = { slots: 32, queue: 256, perTenant: { slots: 24, queue: 128 } };
  return {
    modelCalls: bulkhead("model calls", slots),
    toolCalls: bulkhead("tool calls", slots),
    model: endpoint(names.model),
    fallback: endpoint(names.fallback),
    payment: endpoint("the payment service"),
    mail: endpoint("the mail service"),
  };
}

/** A call of a tool's service: in a slot of its tenant's, and not at all while the service's breaker is open. */
export function callTool<T>(
  { toolCalls }: DeskIsolation,
  service: Breaker,
  runtime: DeskRuntime,
  call: () => Promise<T>,
): Promise<T> {
  const { tenant } = contextOf(runtime);
  return toolCalls.run({ runtime, tenant }, () => service.run(runtime, call));
}

/**
 * Whether only waiting mends it: the service's breaker is open, or it failed the node's last attempt too. What the shop or
 * a model says no to is not among them.
 */
export function onlyWaitingMends(error: unknown, { executionInfo, signal }: DeskRuntime): boolean {
  if (isControlFlow(error, signal)) return false;
  const { category, code } = classify(error);
  const isLast = (executionInfo?.nodeAttempt ?? 1) >= retries.attempts;
  return code === "circuit_open" || (category === "transient" && isLast);
}
