export { answersFor, ask, askHuman, type HumanQuestion } from "./ask-human.ts";
export { bubbleUp, isBubbleUp } from "./bubble-up.ts";
export { type FaultState, faultChannels } from "./channels.ts";
export {
  type ErrorTable,
  errorRoutes,
  escalations,
  type NodeRows,
  type RoutedOptions,
} from "./error-routes.ts";
export { guarded, type NodeRuntime, nodeName } from "./guarded.ts";
export { defaultPolicy, type NodePolicy } from "./policy.ts";
export { type Decision, decide, type Routes } from "./table.ts";
