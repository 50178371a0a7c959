/**
 * The fault channels as the graph has them.
 *
 * A node's first argument may lack them: that of a Send is its payload, that of a node with an `input` schema a part
 * of the state. A bound that is counted there is no bound, so it is read from the channels.
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { FaultState } from "./channels.ts";

/** LangGraph's own reader, which its conditional edges use. It gives the values at the start of the superstep. */
const reader = "__pregel_read";

/** @param given - The node's first argument, for a node that runs outside a graph. */
export function faultState(config: LangGraphRunnableConfig | undefined, given: unknown): FaultState {
  const read: unknown = config?.configurable?.[reader];
  if (typeof read !== "function") return (given ?? {}) as FaultState;
  return (read as (channels: string[]) => FaultState)(["faults", "rounds", "spent", "visits"]);
}
