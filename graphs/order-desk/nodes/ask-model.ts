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

export async function askModel(
  resources: Resources,
  runtime: DeskRuntime,
  question: Omit<Question, "thread" | "signal">,
): Promise<Message> {
  const desk = await resources();
  const { signal } = runtime;
  const full = { ...question, thread: threadOf(runtime), ...(signal === undefined ? {} : { signal }) };
  const answer = await desk.recorded(runtime, `model:${question.role}`, () => asked(desk, runtime, full));
  return answer.message;
}

/**
 * Of the model; of the fallback while the model's breaker is open, and on the node's last attempt.
 *
 * @throws Fault compensable "model_down" when that attempt fails too: the case waits for a model, it is nobody's to mend.
 */
async function asked(
  { model, fallback, isolation }: DeskResources,
  runtime: DeskRuntime,
  question: Question,
): Promise<ModelAnswer> {
  const { tenant } = contextOf(runtime);
  const ask = (of: ChatModel, endpoint: Breaker): Promise<ModelAnswer> =>
    isolation.modelCalls.run({ runtime, tenant }, () =>
      endpoint.run(runtime, () =>
        withinBudgets(runtime, budgetsOf(runtime), () => of.ask(question), tokensOf),
      ),
    );
  try {
    return await ask(model, isolation.model).catch((error: unknown) => {
      if (fallback === undefined || !onlyWaitingMends(error, runtime)) throw error;
      return ask(fallback, isolation.fallback);
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
