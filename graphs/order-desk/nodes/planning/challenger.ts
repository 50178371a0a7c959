/** The challenger: fulfilment's own look at what it is sent, before it does any of it. */
import { challenger as challengerNode } from "#src/consensus/index.ts";
import type { DeskRuntime } from "../../context.ts";
import { challengerInput, challengerMessages, parseJudgement } from "../../prompts/index.ts";
import type { Resources } from "../../resources.ts";
import { askModel } from "../ask-model.ts";
import { ticketOf } from "../ticket-of.ts";
import { refusedBy } from "./refused.ts";
import { type PlanningState, planOf } from "./state.ts";

export const challenger = (resources: Resources) =>
  challengerNode({
    name: "challenger of plans",
    sees: challengerInput,
    show: (state: PlanningState) => ({
      ticket: ticketOf(state),
      customerId: state.customerId ?? "",
      facts: state.facts,
      actions: planOf(state).actions,
    }),
    judge: async (seen, runtime: DeskRuntime) =>
      parseJudgement(
        await askModel(resources, runtime, {
          role: "challenger",
          messages: challengerMessages(seen),
          json: true,
        }),
      ),
    refused: refusedBy("challenger"),
  });
