export { type Breaker, type BreakerOptions, breaker } from "./breaker.ts";
export type { BreakerState } from "./breaker-circuit.ts";
export type { BreakerStates, SharedState } from "./breaker-states.ts";
export { type Budget, type Budgets, newRun, withinBudgets } from "./budget.ts";
export { type Bulkhead, type BulkheadLimits, type BulkheadOptions, bulkhead } from "./bulkhead.ts";
export { onlyDeclared } from "./context.ts";
export {
  type Child,
  type ChildGraph,
  type Restart,
  type Supervision,
  type SupervisorOptions,
  supervise,
  supervisionChannels,
} from "./supervisor/index.ts";
