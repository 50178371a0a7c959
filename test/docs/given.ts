/** What an example that is a part of a file takes as given: the kit, and nodes to have names for. */
export { Command, END, START, StateGraph } from "@langchain/langgraph";
export { openPersistence } from "#checkpoints/index.ts";
export { deskContext } from "#graphs/order-desk/context.ts";
export { fulfilment } from "#graphs/order-desk/nodes/fulfilment/graph.ts";
export { gates } from "#graphs/order-desk/nodes/planning/gates.ts";
export { planning } from "#graphs/order-desk/nodes/planning/graph.ts";
export { planner } from "#graphs/order-desk/nodes/planning/planner.ts";
export { planningState } from "#graphs/order-desk/nodes/planning/state.ts";
export { resourcesFromEnv as resources } from "#graphs/order-desk/resources.ts";
export { deskState } from "#graphs/order-desk/state.ts";
export * from "#src/consensus/index.ts";
export * from "#src/events/index.ts";
export * from "#src/faults/index.ts";
export * from "#src/isolation/index.ts";
export * from "#src/recovery/index.ts";
export * from "#src/retry/index.ts";
export * from "#src/routing/index.ts";

import { StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import { faultChannels } from "#src/routing/index.ts";

export const builder = new StateGraph(z.object({ ...faultChannels }));
export const charge = () => ({});
export const ping = () => ({});
