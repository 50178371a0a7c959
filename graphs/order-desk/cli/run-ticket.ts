/** One ticket, from its first step (or from where it stands) until it ends, waits for a person, or is stopped. */
import type { RunControl } from "@langchain/langgraph";
import { isLeaseLostError } from "#checkpoints/index.ts";
import type { Desk, DeskEvent, DeskRun, OpenQuestion, RunOptions } from "../desk.ts";
import type { TicketReport } from "../report.ts";
import type { Stop } from "./stop.ts";

/** How a ticket ended, for people and for the report. "stopped": by Ctrl-C or the loss of its lease, before its end. */
export type Ending = TicketReport["outcome"] | "stopped";

export interface TicketResult {
  readonly id: string | number;
  readonly thread: string;
  readonly outcome: Ending;
  readonly report: TicketReport;
  readonly questions: readonly OpenQuestion[];
  readonly reply: string | null;
  /** It can be resumed without an answer. */
  readonly stepsLeft: boolean;
  /** What ended it, when it failed or lost its lease in this run. */
  readonly error?: unknown;
  readonly ms: number;
}

/** Answers by the ids of the open questions; none for those that stay open. */
export type AnswerQuestions = (questions: readonly OpenQuestion[]) => Promise<Record<string, string>>;

export interface TicketRun {
  readonly desk: Desk;
  readonly id: string | number;
  readonly thread: string;
  readonly begin: (options: RunOptions) => Promise<DeskRun>;
  readonly answer: AnswerQuestions;
  readonly onEvent: (event: DeskEvent) => void;
  readonly stop: Stop;
  readonly now: () => number;
}

export async function runTicket(ticket: TicketRun): Promise<TicketResult> {
  const { desk, id, thread, begin, answer, onEvent, stop, now } = ticket;
  const started = now();
  const drainable = (go: (options: RunOptions) => Promise<DeskRun>) =>
    stop.drainable((control: RunControl) => go({ onEvent, control }));

  let run = await drainable(begin);
  while (run.status === "paused" && !stop.requested) {
    const answers = await answer(run.questions);
    if (Object.keys(answers).length === 0) break;
    run = await drainable((options) => desk.answer(thread, answers, options));
  }
  return resultOf({ id, thread }, run, await desk.report(thread), now() - started);
}

/** What a run left behind, as it now stands. */
export function resultOf(
  { id, thread }: Pick<TicketResult, "id" | "thread">,
  { status, questions, state, error }: DeskRun,
  report: TicketReport,
  ms: number,
): TicketResult {
  return {
    id,
    thread,
    // A thread that is only looked at does not say why steps are left; its last fault does.
    outcome: status === "stopped" && !metBug(report) ? "stopped" : report.outcome,
    report,
    questions,
    reply: state.replyText ?? null,
    stepsLeft: status === "failed" || status === "stopped",
    ...(status === "failed" || isLeaseLostError(error) ? { error } : {}),
    ms,
  };
}

function metBug({ faultList }: TicketReport): boolean {
  return faultList.at(-1)?.category === "unexpected";
}
