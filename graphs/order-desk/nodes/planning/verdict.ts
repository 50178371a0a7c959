/** Joins gates and inspector. What either refused goes back to the planner as one fault, with every reason. */
import { Fault } from "#src/faults/index.ts";
import type { PlanningState, PlanningUpdate } from "./state.ts";

export function verdict({ draft, refused, inspection }: PlanningState): PlanningUpdate {
  if (refused.length > 0) {
    const reasons = refused.map(({ action, reason }) => `${action?.name}: ${reason}`).join("; ");
    throw new Fault("llm-recoverable", "refused_by_shop", reasons, { details: { refused } });
  }
  if (inspection?.verdict !== "pass") {
    const reasons = inspection?.reasons ?? [];
    throw new Fault("llm-recoverable", "refused_by_inspector", reasons.join("; "), { details: { reasons } });
  }
  return { plan: draft };
}
