/**
 * Which visit of a node a run of it belongs to.
 *
 * A node that bubbled up, or that a sibling's failure cancelled, is gone back to: for LangGraph that is a new task, for
 * the node still the same visit. So it runs under the namespace of the task that it stands in for, from which effects
 * take their keys: what it had done already is not done again. A node that a person or a model sends on starts anew.
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Visit } from "./channels.ts";
import { faultState } from "./fault-state.ts";
import { outer } from "./namespace.ts";
import { isPayload, wasSent } from "./sent.ts";

type Config = LangGraphRunnableConfig | undefined;

/** Where the payload of a Send carries it. The node never sees it. */
const key = "__faultline_visit";

/**
 * @param given - What LangGraph gave the node.
 * @param namespace - Of the task that runs, or ran.
 * @returns The namespace of the visit's first task.
 */
export function visitOf(config: Config, node: string, given: unknown, namespace: string): string {
  if (wasSent(config)) {
    const carried = isPayload(given) ? given[key] : undefined;
    return typeof carried === "string" ? carried : namespace;
  }
  const visit = faultState(config, given).visits?.[node];
  const goesOn =
    visit !== undefined && visit.step === stepOf(config) && outer(visit.namespace) === outer(namespace);
  return goesOn ? visit.namespace : namespace;
}

/** For the channel: the node's run in the next superstep goes on with the visit. */
export function goingOn(config: Config, namespace: string): Visit {
  return { namespace, step: stepOf(config) + 1 };
}

/** For a Send: the run that it starts goes on with the visit. */
export function withVisit(payload: unknown, namespace: string | undefined): unknown {
  return isPayload(payload) && namespace !== undefined ? { ...payload, [key]: namespace } : payload;
}

export function withoutVisit<State>(given: State): State {
  if (!isPayload(given) || !(key in given)) return given;
  const { [key]: _, ...payload } = given;
  return payload as State;
}

/** The runtime with the namespace of the visit. */
export function under<Runtime extends LangGraphRunnableConfig>(runtime: Runtime, namespace: string): Runtime {
  const { executionInfo } = runtime;
  if (executionInfo === undefined || executionInfo.checkpointNs === namespace) return runtime;
  return { ...runtime, executionInfo: { ...executionInfo, checkpointNs: namespace } };
}

function stepOf(config: Config): number {
  return Number(config?.metadata?.["langgraph_step"] ?? 0);
}
