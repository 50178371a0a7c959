/** The inspector: an eye outside the planner's context. It gets ticket, facts and plan, never the conversation. */
import { inspector as inspectorNode } from "#src/consensus/index.ts";
import type { DeskRuntime } from "../../context.ts";
import { inspectorInput, inspectorMessages, parseJudgement } from "../../prompts/index.ts";
import type { Resources } from "../../resources.ts";
import { askModel } from "../ask-model.ts";
import { ticketOf } from "../ticket-of.ts";
import { refusedBy } from "./refused.ts";
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
    refused: refusedBy("inspector"),
  });
