/** The command `resume THREAD`: goes on with a ticket that waits for a person, was stopped, or met a bug. */
import type { Desk, DeskRun } from "../desk.ts";
import type { DeskState } from "../state.ts";
import { type AnswererFor, answering, asking, nobody } from "./asking.ts";
import { nextLines, proofHolds, proofLines } from "./closing.ts";
import type { ResumeFlags } from "./flags.ts";
import { deskOptions } from "./inputs.ts";
import { runTicket } from "./run-ticket.ts";
import { type ExitCode, type Session, withDesk } from "./session.ts";
import { fullView } from "./show-ticket.ts";
import type { TicketHeading } from "./ticket-lines.ts";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError when nobody knows the thread, or an answer is given to a thread that asks nothing. */
export async function resume(flags: ResumeFlags, session: Session): Promise<ExitCode> {
  const options = await deskOptions(flags);
  return withDesk(session, options, async (desk) => {
    const { screen, stop, now } = session;
    const { thread, answer } = flags;
    const found = await knownThread(desk, thread);
    if (answer !== undefined && found.status !== "paused") {
      throw new UsageError(`Thread ${thread} asks nothing: leave --answer out`);
    }
    if (found.status === "finished") screen.line(`Thread ${thread} has ended already.`);
    const prompted = session.interactive && answer === undefined;
    const shown = fullView(headingOf(thread, found), { screen, now, prompted });
    const result = await runTicket({
      desk,
      id: thread,
      thread,
      // A thread that waits has run as far as it can; one that has ended stays as it is.
      begin: (run) => (found.status === "stopped" ? desk.continue(thread, run) : Promise.resolve(found)),
      answer: answererFor(flags, session)({ ticket: thread, thread }),
      onEvent: shown.onEvent,
      stop,
      now,
    });
    shown.end(result);
    const proof = await desk.proof([thread]);
    for (const line of proofLines(proof, screen.paint)) screen.line(line);
    for (const line of nextLines([result], flags, screen.paint)) screen.line(line);
    if (!proofHolds(proof)) return 1;
    return stop.requested ? 130 : 0;
  });
}

export async function knownThread(desk: Desk, thread: string): Promise<DeskRun> {
  const found = await desk.look(thread);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no thread ${thread} in this database: a run prints its threads; one on another shop needs --shop DIR too`,
  );
}

export function headingOf(thread: string, { state }: DeskRun): TicketHeading {
  // Stopped before its first step, a thread has none of its fields yet, whatever their types say.
  const { message = "" } = state as Partial<DeskState>;
  return { id: thread, thread, message };
}

/** The answer of the flag goes to the first question; a person, if there is one, gets the others. */
function answererFor({ answer }: ResumeFlags, session: Session): AnswererFor {
  const otherwise = session.interactive ? asking(session) : nobody;
  if (answer === undefined) return otherwise;
  let given = false;
  return (asker) => {
    const first = answering(() => (given ? undefined : answer));
    return async (questions) => {
      if (given) return otherwise(asker)(questions);
      const answers = await first(asker)(questions.slice(0, 1));
      given = true;
      return answers;
    };
  };
}
