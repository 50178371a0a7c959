/**
 * What a refused plan becomes, whichever eye refused it: back to the planner, with the plan. Where a vote was unanimous on
 * it, somebody errs who would err again: the case goes to staff.
 */
import { contradicted, type Judgement, refusal } from "#src/consensus/index.ts";
import type { Fault } from "#src/faults/index.ts";
import { plainJson } from "#src/recovery/index.ts";
import type { DeskRuntime } from "../../context.ts";
import { canonicalPlan } from "../../tools/canonical.ts";
import { type PlanningState, planOf } from "./state.ts";

export const refusedBy =
  (by: "inspector" | "challenger") =>
  (judgement: Judgement, state: PlanningState, runtime: DeskRuntime): Fault => {
    const plan = planOf(state);
    return state.unanimous && state.voted === canonicalPlan(plan)
      ? contradicted(runtime, { vote: "plan", as: "compensable" }, judgement.reasons)
      : refusal(by, judgement, { plan: plainJson(plan) });
  };
