export { type Fact, factSchema, factsOf } from "./fact.ts";
export {
  type InspectorInput,
  inspectorMessages,
  parseVerdict,
  type Verdict,
  verdictSchema,
} from "./inspector.ts";
export { type Identity, type Intake, intakeMessages, intakeSchema, parseIntake } from "./intake.ts";
export { type Message, messageSchema, type ToolCall, toolCallSchema, toolMessage } from "./message.ts";
export {
  type Plan,
  type PlannerInput,
  type PlannerTurn,
  parsePlannerTurn,
  plannerMessages,
  plannerTools,
  planSchema,
  type Refusal,
} from "./planner.ts";
export { type Money, type Outcome, parseReply, type ReplyInput, replyMessages } from "./reply.ts";
export { type Answer, answerSchema, type TicketText, ticketTextSchema } from "./ticket.ts";
