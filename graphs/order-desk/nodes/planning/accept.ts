/** The draft has passed every check: it is the plan. */
import type { PlanningState, PlanningUpdate } from "./state.ts";

export function accept({ draft }: PlanningState): PlanningUpdate {
  return { plan: draft };
}
