/**
 * The node behind the table's "user-fixable" row: it puts each open fault before a person and goes back.
 *
 * It waits by LangGraph's interrupt, for days if need be, in any process that has the thread. The failed node runs
 * again and finds the answer with `answersFor`. Not for approvals that belong to the graph's normal course: call
 * `interrupt` in a node of your own for these.
 */
import { Command, interrupt } from "@langchain/langgraph";
import { z } from "zod";
import { emit } from "../events/index.ts";
import { Fault, type FaultRecord, isControlFlow, type Json } from "../faults/index.ts";
import type { FaultState } from "./channels.ts";
import { type NodeRuntime, nodeName } from "./guarded.ts";
import { openFaults } from "./records.ts";
import { backTo, dealtWith } from "./sent.ts";

/** What a client gets as the interrupt's value. The answer to it is a string. */
export interface HumanQuestion {
  /** The node that asks. */
  readonly node: string;
  readonly question: string;
  readonly details?: { readonly [key: string]: Json };
  /** Answers to choose from, when the asker has such a list. */
  readonly options?: readonly string[];
  /** Why the last answer to this question was not taken. */
  readonly problem?: string;
}

/**
 * Asks one question until the answer fits.
 *
 * @param answer - The schema of a fitting answer. Its error message is shown with the question when asked again.
 * @returns The parsed answer.
 * @throws LangGraph's GraphInterrupt while the question is open.
 */
export function ask<Answer>(
  runtime: NodeRuntime,
  question: HumanQuestion,
  answer: z.ZodType<Answer>,
): Answer {
  let problem: string | undefined;
  for (;;) {
    const given = askOnce(runtime, problem === undefined ? question : { ...question, problem });
    const parsed = answer.safeParse(given);
    if (parsed.success) {
      emit(runtime, { type: "human_answered", node: question.node, answer: String(given) });
      return parsed.data;
    }
    problem = parsed.error.issues.map((issue) => issue.message).join("; ");
  }
}

function askOnce(runtime: NodeRuntime, question: HumanQuestion): unknown {
  try {
    return interrupt(question);
  } catch (paused) {
    if (isControlFlow(paused))
      emit(runtime, { type: "human_asked", node: question.node, question: question.question });
    throw paused;
  }
}

const anyWords = z.string({ error: "please answer in words" }).trim().min(1, "please answer in words");

/**
 * Makes the node that the table's `userFixable` names.
 *
 * @param answer - What a fitting answer is. Default: any words.
 */
export function askHuman(
  answer: z.ZodType<string> = anyWords,
): (state: FaultState, runtime: NodeRuntime) => Command<unknown, FaultState, string> {
  return (state, runtime) => {
    const self = nodeName(runtime);
    const open = openFaults(runtime, state, self);
    if (open.length === 0)
      throw new Fault("unexpected", "no_fault", `${self} was reached without a fault in state`);
    const answered = open.map((record) => ({
      ...record,
      answer: ask(runtime, questionOf(self, record), answer),
      settled: true,
    }));
    return new Command({
      goto: answered.map((record) => backTo(record)),
      update: { faults: answered.map(dealtWith) },
    });
  };
}

function questionOf(node: string, { message, details }: FaultRecord): HumanQuestion {
  return { node, question: message, ...(details === undefined ? {} : { details }) };
}

/** The answers that people gave to this node's questions, oldest first. */
export function answersFor(state: FaultState, node: string): string[] {
  return (state.faults ?? []).flatMap((record) =>
    record.node === node && record.answer !== undefined ? [record.answer] : [],
  );
}
