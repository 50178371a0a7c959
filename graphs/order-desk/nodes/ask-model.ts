/**
 * A model call of a node, recorded: a retry or a resume of the node gets the model's actual answer back from the
 * ledger instead of asking again. A new visit of the node asks anew, as long as the budgets last.
 */
import { type Budgets, withinBudgets } from "#src/isolation/index.ts";
import { contextOf, type DeskRuntime, threadOf } from "../context.ts";
import type { ModelAnswer, Question } from "../model/chat-model.ts";
import type { Message } from "../prompts/index.ts";
import type { Resources } from "../resources.ts";

export async function askModel(
  resources: Resources,
  runtime: DeskRuntime,
  question: Omit<Question, "thread" | "signal">,
): Promise<Message> {
  const { model, recorded } = await resources();
  const { signal } = runtime;
  const ask = () =>
    model.ask({ ...question, thread: threadOf(runtime), ...(signal === undefined ? {} : { signal }) });
  const answer = await recorded(runtime, `model:${question.role}`, () =>
    withinBudgets(runtime, budgetsOf(runtime), ask, tokensOf),
  );
  return answer.message;
}

function budgetsOf(runtime: DeskRuntime): Budgets {
  const { caseCalls, caseTokens, threadCalls, threadTokens } = contextOf(runtime);
  return {
    run: { calls: caseCalls, tokens: caseTokens },
    thread: { calls: threadCalls, tokens: threadTokens },
  };
}

const tokensOf = ({ usage }: ModelAnswer): number => usage.inputTokens + usage.outputTokens;
