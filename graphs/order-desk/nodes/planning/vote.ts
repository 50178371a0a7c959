/**
 * The vote on a plan that moves much money: the planner's question is put again, side by side, until one plan is ahead.
 * The draft is the first sample. Of two models, if a fallback is named, each gives every second one.
 *
 * A tie, or a vote without an end, is nobody's plan: it leaves the way a spent planner does.
 */
import { aheadBy, vote, wrongFormat } from "#src/consensus/index.ts";
import { contextOf, type DeskRuntime } from "../../context.ts";
import type { ModelAnswer } from "../../model/index.ts";
import { malformed } from "../../prompts/answer.ts";
import { type Plan, parsePlannerTurn } from "../../prompts/index.ts";
import type { Resources } from "../../resources.ts";
import { canonicalPlan } from "../../tools/canonical.ts";
import { asked } from "../ask-model.ts";
import { planFlags } from "./plan-flags.ts";
import { plannerQuestion } from "./planner.ts";
import { type PlanningState, type PlanningUpdate, planOf } from "./state.ts";

/** With samples that err at 10 %, a plan ahead by 3 is wrong in 0.14 % of votes and costs 3.7 samples (MAKER). */
const lead = 3;

/** A sample as the ledger keeps it: the report counts its tokens. */
type Sample = Pick<ModelAnswer, "message" | "usage">;

export const planVote =
  (resources: Resources) =>
  async (state: PlanningState, runtime: DeskRuntime): Promise<PlanningUpdate> => {
    const desk = await resources();
    const first: Sample = { message: proposing(planOf(state)), usage: { inputTokens: 0, outputTokens: 0 } };
    const { answer, winner, unanimous } = await vote<Sample>(runtime, {
      name: "plan",
      rule: aheadBy(lead),
      recorded: desk.recorded,
      draw: (sample) =>
        sample === 1 ? Promise.resolve(first) : asked(desk, runtime, plannerQuestion(state), modelOf(sample)),
      modelOf,
      canonical: (sample) => canonicalPlan(planIn(sample)),
      flags: [
        wrongFormat(planIn),
        ...(contextOf(runtime).redFlags ? planFlags(state) : []).map(({ code, check }) => ({
          code,
          check: ({ message }: Sample) => check(parsePlannerTurn(message)),
        })),
      ],
    });
    return { draft: planIn(answer), voted: winner, unanimous };

    function modelOf(sample: number): "model" | "fallback" {
      return desk.fallback !== undefined && sample % 2 === 0 ? "fallback" : "model";
    }
  };

/** @throws Fault llm-recoverable for an answer that is no plan. */
function planIn({ message }: Sample): Plan {
  const turn = parsePlannerTurn(message);
  if (turn.kind === "plan" && turn.plan.question === undefined) return turn.plan;
  throw malformed("This is no plan, and the vote is on plans.");
}

function proposing(plan: Plan): Sample["message"] {
  return {
    role: "assistant",
    content: "",
    toolCalls: [{ id: "draft", name: "propose_plan", args: { ...plan } }],
  };
}
