/** The inspector: an eye outside the planner's context. It gets ticket, facts and plan, never the conversation. */
import type { DeskRuntime } from "../../context.ts";
import { inspectorMessages, parseVerdict } from "../../prompts/index.ts";
import type { Resources } from "../../resources.ts";
import { askModel } from "../ask-model.ts";
import { ticketOf } from "../ticket-of.ts";
import type { PlanningState, PlanningUpdate } from "./state.ts";

export const inspector =
  (resources: Resources) =>
  async (state: PlanningState, runtime: DeskRuntime): Promise<PlanningUpdate> => {
    const plan = state.draft ?? { actions: [], declined: [] };
    const messages = inspectorMessages({
      ticket: ticketOf(state),
      customerId: state.customerId ?? "",
      facts: state.facts,
      plan,
    });
    return {
      inspection: parseVerdict(
        await askModel(resources, runtime, { role: "inspector", messages, json: true }),
      ),
    };
  };
