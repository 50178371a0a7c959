/** Planning's own fields. They are private to the subgraph: the planner's reasoning never reaches the desk. */
import { z } from "zod";
import { messageSchema, planSchema, verdictSchema } from "../../prompts/index.ts";
import { deskState } from "../../state.ts";
import { actionSchema } from "../../tools/action.ts";

export const planningState = deskState.extend({
  history: z.array(messageSchema).default([]).describe("The planner's tool calls and their results"),
  pending: messageSchema.nullable().default(null).describe("A tool call that is not answered yet"),
  draft: planSchema.nullable().default(null).describe("The plan that is being checked"),
  refused: z
    .array(z.object({ action: actionSchema.nullable(), reason: z.string() }))
    .default([])
    .describe("What the gates refused"),
  inspection: verdictSchema.nullable().default(null).describe("What the inspector says"),
});

export type PlanningState = z.infer<typeof planningState>;
export type PlanningUpdate = Partial<PlanningState>;
