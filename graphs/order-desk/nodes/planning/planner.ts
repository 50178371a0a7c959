/** The planner: one model call, which either reads the shop or hands in a plan. It changes nothing itself. */

import { Command } from "@langchain/langgraph";
import { unflagged } from "#src/consensus/index.ts";
import { Fault } from "#src/faults/index.ts";
import { contextOf, type DeskRuntime } from "../../context.ts";
import type { Question } from "../../model/index.ts";
import { parsePlannerTurn, plannerMessages, plannerTools } from "../../prompts/index.ts";
import type { Resources } from "../../resources.ts";
import { anothers } from "../anothers.ts";
import { askModel } from "../ask-model.ts";
import { refusalsFor, ticketOf } from "../ticket-of.ts";
import { planFlags } from "./plan-flags.ts";
import type { PlanningState, PlanningUpdate } from "./state.ts";

/** Reads that one plan may take. A planner that circles is stopped here, not by LangGraph's recursion limit. */
export const MAX_READS = 40;

export const planner =
  (resources: Resources) =>
  async (
    state: PlanningState,
    runtime: DeskRuntime,
  ): Promise<Command<unknown, PlanningUpdate, "lookup" | "gates">> => {
    if (state.history.length > 2 * MAX_READS) {
      throw new Fault("compensable", "planner_circles", `no plan after ${MAX_READS} reads`);
    }
    const answer = await askModel(resources, runtime, plannerQuestion(state));
    const turn = parsePlannerTurn(answer);
    if (contextOf(runtime).redFlags) unflagged(runtime, planFlags(state), turn);
    if (turn.kind === "read") return new Command({ goto: "lookup", update: { pending: answer } });
    const { question } = turn.plan;
    if (question !== undefined) throw await questionFor(resources, runtime, state, question);
    return new Command({ goto: "gates", update: { draft: turn.plan, voted: null, unanimous: false } });
  };

/** What the planner is asked; in a vote, more than once. */
export function plannerQuestion(state: PlanningState): Pick<Question, "role" | "messages" | "tools"> {
  const messages = plannerMessages({
    ticket: ticketOf(state),
    customerId: state.customerId ?? "",
    history: state.history,
    refusals: refusalsFor(state.faults, "planner"),
  });
  return { role: "planner", messages, tools: plannerTools };
}

/**
 * The fault that puts a planner's question before the customer.
 *
 * @throws Fault llm-recoverable "red_flag" for a question that holds what is another customer's.
 */
export async function questionFor(
  resources: Resources,
  runtime: DeskRuntime,
  state: PlanningState,
  question: string,
): Promise<Fault> {
  if (contextOf(runtime).redFlags) {
    const own = JSON.stringify(ticketOf(state));
    const words = { text: question, customerId: state.customerId, own };
    unflagged(runtime, [await anothers(resources, runtime, words)], question);
  }
  return new Fault("user-fixable", "planner_question", question);
}
