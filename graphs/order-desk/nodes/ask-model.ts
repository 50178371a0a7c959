/**
 * A model call of a node, recorded: a retry or a resume of the node gets the model's actual answer back from the
 * ledger instead of asking again. A new visit of the node asks anew, as long as the budgets last.
 */
import { classify } from "#src/faults/index.ts";
import { type Breaker, type Budgets, withinBudgets } from "#src/isolation/index.ts";
import { contextOf, type DeskRuntime, threadOf } from "../context.ts";
import type { ChatModel, ModelAnswer, Question } from "../model/index.ts";
import type { Message } from "../prompts/index.ts";
import type { DeskResources, Resources } from "../resources.ts";

/** Which of the two models is asked first. The fallback counts as the model where none is named. */
export type Which = "model" | "fallback";

export async function askModel(
  resources: Resources,
  runtime: DeskRuntime,
  question: Omit<Question, "thread" | "signal">,
  which: Which = "model",
): Promise<Message> {
  const desk = await resources();
  const answer = await desk.recorded(runtime, `model:${question.role}`, () =>
    asked(desk, runtime, question, which),
  );
  return answer.message;
}

/** The call itself, not recorded: in a slot, within the budgets. Of the other model while the breaker of one is open. */
export async function asked(
  { model, fallback, isolation }: DeskResources,
  runtime: DeskRuntime,
  question: Omit<Question, "thread" | "signal">,
  which: Which = "model",
): Promise<ModelAnswer> {
  const { tenant } = contextOf(runtime);
  const { signal } = runtime;
  const full = { ...question, thread: threadOf(runtime), ...(signal === undefined ? {} : { signal }) };
  const ask = (of: ChatModel, endpoint: Breaker): Promise<ModelAnswer> =>
    isolation.modelCalls.run({ runtime, tenant }, () =>
      endpoint.run(runtime, () => withinBudgets(runtime, budgetsOf(runtime), () => of.ask(full), tokensOf)),
    );
  const first = () => ask(model, isolation.model);
  if (fallback === undefined) return first();
  const second = () => ask(fallback, isolation.fallback);
  const [one, other] = which === "model" ? [first, second] : [second, first];
  try {
    return await one();
  } catch (error) {
    if (classify(error).code !== "circuit_open") throw error;
    return other();
  }
}

function budgetsOf(runtime: DeskRuntime): Budgets {
  const { caseCalls, caseTokens, threadCalls, threadTokens } = contextOf(runtime);
  return {
    run: { calls: caseCalls, tokens: caseTokens },
    thread: { calls: threadCalls, tokens: threadTokens },
  };
}

const tokensOf = ({ usage }: ModelAnswer): number => usage.inputTokens + usage.outputTokens;
