/** Planning's own fields. They are private to the subgraph: the planner's reasoning never reaches the desk. */
import { z } from "zod";
import { messageSchema, type Plan, planSchema } from "../../prompts/index.ts";
import { deskState } from "../../state.ts";

export const planningState = deskState.extend({
  history: z.array(messageSchema).default([]).describe("The planner's tool calls and their results"),
  pending: messageSchema.nullable().default(null).describe("A tool call that is not answered yet"),
  draft: planSchema.nullable().default(null).describe("The plan that is being checked"),
  gated: z.string().nullable().default(null).describe("The draft that the gates let pass, in canonical form"),
  voted: z.string().nullable().default(null).describe("The draft that won a vote, in canonical form"),
  unanimous: z.boolean().default(false).describe("Whether every vote was for it"),
});

export type PlanningState = z.infer<typeof planningState>;
export type PlanningUpdate = Partial<PlanningState>;

/** The draft of a node that comes after the planner. */
export function planOf({ draft }: PlanningState): Plan {
  return draft ?? { actions: [], declined: [] };
}
