export { challengerInput, challengerMessages } from "./challenger.ts";
export { type Fact, factSchema, factsOf } from "./fact.ts";
export { inspectorInput, inspectorMessages } from "./inspector.ts";
export {
  type Identity,
  type Intake,
  intakeInput,
  intakeMessages,
  intakeSchema,
  parseIntake,
} from "./intake.ts";
export { parseJudgement } from "./judgement.ts";
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
export { shopPolicy } from "./policy.ts";
export { type Money, type Outcome, parseReply, type ReplyInput, replyInput, replyMessages } from "./reply.ts";
export { type Answer, answerSchema, type TicketText, ticketTextSchema } from "./ticket.ts";
