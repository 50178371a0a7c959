/**
 * A model call of a node, recorded: a retry or a resume of the node gets the model's actual answer back from the
 * ledger instead of asking again. A new visit of the node asks anew.
 */
import { type DeskRuntime, threadOf } from "../context.ts";
import type { Question } from "../model/chat-model.ts";
import type { Message } from "../prompts/index.ts";
import type { Resources } from "../resources.ts";

export async function askModel(
  resources: Resources,
  runtime: DeskRuntime,
  question: Omit<Question, "thread" | "signal">,
): Promise<Message> {
  const { model, recorded } = await resources();
  const { signal } = runtime;
  const answer = await recorded(runtime, `model:${question.role}`, () =>
    model.ask({ ...question, thread: threadOf(runtime), ...(signal === undefined ? {} : { signal }) }),
  );
  return answer.message;
}
