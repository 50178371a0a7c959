/**
 * The vote on a plan that moves much money: the planner's question is put again, side by side, until one plan is ahead.
 * The draft is the first sample. Of two models, if a fallback is named, each gives every second one.
 *
 * A tie, or a vote without an end, is nobody's plan: the case goes to staff.
 */
import { aheadBy, ofForm, vote } from "#src/consensus/index.ts";
import { contextOf, type DeskRuntime } from "../../context.ts";
import type { ModelAnswer } from "../../model/index.ts";
import { malformed } from "../../prompts/answer.ts";
import { type Plan, type PlannerTurn, parsePlannerTurn } from "../../prompts/index.ts";
import type { Resources } from "../../resources.ts";
import { canonicalPlan } from "../../tools/canonical.ts";
import { asked } from "../ask-model.ts";
import { planFlags } from "./plan-flags.ts";
import { plannerQuestion, questionFor } from "./planner.ts";
import { type PlanningState, type PlanningUpdate, planOf } from "./state.ts";

/** With samples that err at 10 %, a plan ahead by 3 is wrong in 0.14 % of votes and costs 3.7 samples (MAKER). */
const lead = 3;
/** More would only show again that the planner does not know. */
const mostVotes = 9;
const mostSamples = 15;

/** A sample as the ledger keeps it: the report counts its tokens. */
type Sample = Pick<ModelAnswer, "message" | "usage">;

export const planVote =
  (resources: Resources) =>
  async (state: PlanningState, runtime: DeskRuntime): Promise<PlanningUpdate> => {
    const desk = await resources();
    const first: Sample = { message: proposing(planOf(state)), usage: { inputTokens: 0, outputTokens: 0 } };
    const { answer, winner, unanimous } = await vote<Sample>(runtime, {
      name: "plan",
      rule: aheadBy(lead, mostVotes),
      atMost: mostSamples,
      recorded: desk.recorded,
      draw: (sample) =>
        sample === 1 ? Promise.resolve(first) : asked(desk, runtime, plannerQuestion(state), modelOf(sample)),
      modelOf,
      canonical: (sample) => candidate(proposalIn(sample).plan),
      flags: ofForm(proposalIn, contextOf(runtime).redFlags ? planFlags(state) : []),
    });
    const { plan } = proposalIn(answer);
    if (plan.question !== undefined) throw await questionFor(resources, runtime, state, plan.question);
    return { draft: plan, voted: winner, unanimous };

    function modelOf(sample: number): "model" | "fallback" {
      return desk.fallback !== undefined && sample % 2 === 0 ? "fallback" : "model";
    }
  };

/** Samples that would rather ask are of one mind, in whatever words. */
const candidate = (plan: Plan): string =>
  plan.question === undefined ? canonicalPlan(plan) : "ask the customer";

/** @throws Fault llm-recoverable for an answer that is no plan. */
function proposalIn({ message }: Sample): PlannerTurn & { kind: "plan" } {
  const turn = parsePlannerTurn(message);
  if (turn.kind === "plan") return turn;
  throw malformed("This is no plan, and the vote is on plans.");
}

function proposing(plan: Plan): Sample["message"] {
  return {
    role: "assistant",
    content: "",
    toolCalls: [{ id: "draft", name: "propose_plan", args: { ...plan } }],
  };
}
