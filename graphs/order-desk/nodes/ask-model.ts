/**
 * A model call of a node, recorded: a retry or a resume of the node gets the model's actual answer back from the
 * ledger instead of asking again. A new visit of the node asks anew, as long as the budgets last.
 */
import { classify, Fault } from "#src/faults/index.ts";
import { type Breaker, type Budgets, withinBudgets } from "#src/isolation/index.ts";
import { contextOf, type DeskRuntime, threadOf } from "../context.ts";
import { onlyWaitingMends } from "../isolation.ts";
import type { ChatModel, ModelAnswer, Question } from "../model/index.ts";
import type { Message } from "../prompts/index.ts";
import type { DeskResources, Resources } from "../resources.ts";

/** Which of the two models is asked first. Where no fallback is named, there is only the one. */
type Which = "model" | "fallback";

export async function askModel(
  resources: Resources,
  runtime: DeskRuntime,
  question: Omit<Question, "thread" | "signal">,
): Promise<Message> {
  const desk = await resources();
  const answer = await desk.recorded(runtime, `model:${question.role}`, () =>
    asked(desk, runtime, question, "model"),
  );
  return answer.message;
}

/**
 * The call itself, not recorded: in a slot, within the budgets. Of the other model while the breaker of the first is open,
 * and on the node's last attempt.
 *
 * @throws Fault compensable "model_down" when that attempt fails too: the case waits for a model, it is nobody's to mend.
 */
export async function asked(
  { model, fallback, isolation }: DeskResources,
  runtime: DeskRuntime,
  question: Omit<Question, "thread" | "signal">,
  which: Which,
): Promise<ModelAnswer> {
  const { tenant } = contextOf(runtime);
  const { signal } = runtime;
  const full = { ...question, thread: threadOf(runtime), ...(signal === undefined ? {} : { signal }) };
  const ask = (of: ChatModel, endpoint: Breaker): Promise<ModelAnswer> =>
    isolation.modelCalls.run({ runtime, tenant }, () =>
      endpoint.run(runtime, () => withinBudgets(runtime, budgetsOf(runtime), () => of.ask(full), tokensOf)),
    );
  const front = () => ask(model, isolation.model);
  const behind = fallback === undefined ? undefined : () => ask(fallback, isolation.fallback);
  const [first, second] = which === "fallback" && behind !== undefined ? [behind, front] : [front, behind];
  try {
    return await first().catch((error: unknown) => {
      if (second === undefined || !onlyWaitingMends(error, runtime)) throw error;
      return second();
    });
  } catch (error) {
    const { code, message } = classify(error);
    if (code === "circuit_open" || !onlyWaitingMends(error, runtime)) throw error;
    throw new Fault("compensable", "model_down", message, { cause: error });
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
