/**
 * The inspector: an eye outside the planner's context. It gets ticket, facts and plan, never the conversation. Where it
 * refuses what a vote was unanimous on, somebody errs who would err again: the case goes to staff.
 */
import { contradicted, inspector as inspectorNode, refusal } from "#src/consensus/index.ts";
import { plainJson } from "#src/recovery/index.ts";
import type { DeskRuntime } from "../../context.ts";
import { inspectorInput, inspectorMessages, parseJudgement } from "../../prompts/index.ts";
import type { Resources } from "../../resources.ts";
import { canonicalPlan } from "../../tools/canonical.ts";
import { askModel } from "../ask-model.ts";
import { ticketOf } from "../ticket-of.ts";
import { type PlanningState, planOf } from "./state.ts";

export const inspector = (resources: Resources) =>
  inspectorNode({
    name: "inspector of plans",
    sees: inspectorInput,
    show: (state: PlanningState) => ({
      ticket: ticketOf(state),
      customerId: state.customerId ?? "",
      facts: state.facts,
      plan: planOf(state),
    }),
    judge: async (seen, runtime: DeskRuntime) =>
      parseJudgement(
        await askModel(resources, runtime, {
          role: "inspector",
          messages: inspectorMessages(seen),
          json: true,
        }),
      ),
    refused: (judgement, state, runtime) =>
      state.unanimous && state.voted === canonicalPlan(planOf(state))
        ? contradicted(runtime, { vote: "plan", as: "compensable" }, judgement.reasons)
        : refusal("inspector", judgement, { plan: plainJson(planOf(state)) }),
  });
