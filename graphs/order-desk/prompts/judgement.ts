/** How inspector and challenger answer. */
import { type Judgement, judgementSchema } from "#src/consensus/index.ts";
import { parseJsonAnswer } from "./answer.ts";
import type { Message } from "./message.ts";

/** @throws Fault llm-recoverable "malformed_answer": also for a refusal without a reason. */
export function parseJudgement(message: Message): Judgement {
  return parseJsonAnswer(judgementSchema, message);
}
