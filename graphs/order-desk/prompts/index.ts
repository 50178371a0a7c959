export { type Fact, factSchema, factsOf } from "./fact.ts";
export {
  inspectorInput,
  inspectorMessages,
  parseVerdict,
  type Verdict,
  verdictSchema,
} from "./inspector.ts";
export {
  type Identity,
  type Intake,
  intakeInput,
  intakeMessages,
  intakeSchema,
  parseIntake,
} from "./intake.ts";
export { type Message, messageSchema, type ToolCall, toolCallSchema, toolMessage } from "./message.ts";
export {
  type Plan,
  type PlannerTurn,
  parsePlannerTurn,
  plannerInput,
  plannerMessages,
  plannerTools,
  planSchema,
  type Refusal,
} from "./planner.ts";
export { type Money, type Outcome, parseReply, type ReplyInput, replyInput, replyMessages } from "./reply.ts";
export { type Answer, answerSchema, type TicketText, ticketTextSchema } from "./ticket.ts";
