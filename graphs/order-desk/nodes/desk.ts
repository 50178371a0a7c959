/**
 * The hub: code that reads the state and names the next stage. No model decides here, so no model's error can
 * send a case astray. It also opens a new case when the thread gets a new message; changes that were begun for the
 * last one are ended first, or taken back.
 */
import { Command, END, Overwrite } from "@langchain/langgraph";
import { newRun } from "#src/isolation/index.ts";
import type { DeskRuntime } from "../context.ts";
import type { DeskState } from "../state.ts";

export type Stage = "intake" | "work" | "approval" | "park" | "reply" | "plain_reply" | "send";

/** There is a request and no plan for it. */
export const plans = ({ plan }: DeskState): boolean => plan === null;

/** There is an approved plan that is not carried out yet. */
export const fulfils = ({ plan, approved, carriedOut }: DeskState): boolean =>
  plan !== null && plan.actions.length > 0 && approved === true && carriedOut === "no";

/** The first thing that is still missing. */
export function nextStage(state: DeskState): Stage | typeof END {
  if (state.replyText !== null) return state.mailed === null ? "send" : END;
  if (state.parked !== null) return "park";
  if (state.trouble !== null) return "plain_reply";
  if (state.customerId === null) return "intake";
  if (plans(state) || fulfils(state)) return "work";
  if (state.plan?.actions.length === 0 || state.approved === false) return "reply";
  return state.approved === null ? "approval" : "reply";
}

export function desk(
  state: DeskState,
  runtime: DeskRuntime,
): Command<unknown, Record<string, unknown>, Stage | typeof END> {
  const stage = nextStage(state);
  const own = state.opened === state.message;
  if (stage !== END && (own || begun(state))) return new Command({ goto: stage });
  // An ended case has no message any more, so that the same words open a new one.
  if (own) return new Command({ goto: END, update: { opened: null } });
  return new Command({ goto: "intake", update: newCase(state, runtime) });
}

function begun({ plan, approved }: DeskState): boolean {
  return approved === true && plan !== null && plan.actions.length > 0;
}

/**
 * Every field of the case, since a thread's first message brings nothing but itself: LangGraph applies a state's
 * defaults only to what a client sends. The bounds in the fault channels are a case's own, so they start anew with it.
 */
function newCase({ message, caseNumber = 0 }: DeskState, runtime: DeskRuntime) {
  return {
    caseNumber: caseNumber + 1,
    opened: message,
    requests: [],
    customerId: null,
    facts: [],
    plan: null,
    estimates: [],
    approved: null,
    done: [],
    undone: [],
    stuck: [],
    carriedOut: "no",
    trouble: null,
    parked: null,
    told: false,
    replyText: null,
    mailed: null,
    faults: new Overwrite([]),
    rounds: new Overwrite({}),
    ...newRun(runtime),
  };
}
