/** The main command: works through tickets, shows them, closes with a table, the proof, and what to do next. */
import { randomBytes } from "node:crypto";
import { relative } from "node:path";
import pLimit from "p-limit";
import type { Desk } from "../desk.ts";
import { readTickets, type Ticket } from "../tickets.ts";
import { readAnswers, yesToApprovals } from "./answers.ts";
import { type AnswererFor, answering, asking, nobody } from "./asking.ts";
import { nextLines, proofHolds, proofLines } from "./closing.ts";
import type { RunFlags } from "./flags.ts";
import { headerLines } from "./header.ts";
import { deskOptions, ownTickets } from "./inputs.ts";
import { checkReportFile, writeReport } from "./report-file.ts";
import { runTicket, type TicketResult } from "./run-ticket.ts";
import { type ExitCode, type Session, withDesk } from "./session.ts";
import { compactView, fullView } from "./show-ticket.ts";
import { closingTable } from "./table.ts";
import { counted, seconds } from "./text.ts";
import { runNameAt, threadsFor } from "./threads.ts";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError or StartUpError when it cannot begin; no ticket has been touched then. */
export async function runTickets(flags: RunFlags, session: Session): Promise<ExitCode> {
  const file = flags.tickets ?? ownTickets;
  const tickets = await readTickets(file);
  const answerer = await answererFor(flags, session);
  if (flags.report !== undefined) await checkReportFile(flags.report);
  const options = await deskOptions(flags);
  const threads = threadsFor(
    tickets,
    flags.thread,
    `${runNameAt(session.now())}${randomBytes(2).toString("hex")}`,
  );

  return withDesk(session, options, async (desk) => {
    if (flags.thread !== undefined) await refuseKnown(desk, threads);
    const { screen } = session;
    const scenes = tickets.some(({ scene }) => scene !== undefined);
    const work = workWords(tickets.length, file, flags.concurrency);
    for (const line of headerLines({ desk, options, work, scenes }, screen.paint)) screen.line(line);

    const began = session.now();
    const results = await workThrough(desk, tickets, threads, { flags, session, answerer });
    screen.status("reading the proof from the database");
    const proof = await desk.proof(results.map(({ thread }) => thread));
    screen.status(undefined);
    screen.line();
    screen.line(closingTable(results, screen.paint));
    screen.line(totals(results, tickets.length, session.now() - began));
    for (const line of proofLines(proof, screen.paint)) screen.line(line);
    for (const line of nextLines(results, flags, screen.paint)) screen.line(line);
    if (flags.report !== undefined) {
      await writeReport(flags.report, results);
      screen.line(`\nThe report is in ${flags.report}.`);
    }
    if (!proofHolds(proof)) return 1;
    return session.stop.requested ? 130 : 0;
  });
}

async function answererFor({ answers }: RunFlags, session: Session): Promise<AnswererFor> {
  if (answers === undefined) return session.interactive ? asking(session) : nobody;
  return answering(answers === "yes" ? yesToApprovals : await readAnswers(answers));
}

async function refuseKnown(desk: Desk, threads: readonly string[]): Promise<void> {
  for (const thread of threads) {
    if ((await desk.look(thread)) !== undefined) {
      throw new UsageError(
        `There is a thread ${thread} already: resume it, or choose another name with --thread`,
      );
    }
  }
}

interface Work {
  readonly flags: RunFlags;
  readonly session: Session;
  readonly answerer: AnswererFor;
}

/** Results in the tickets' order; those that a stop left out are missing. */
async function workThrough(
  desk: Desk,
  tickets: readonly Ticket[],
  threads: readonly string[],
  { flags, session, answerer }: Work,
): Promise<TicketResult[]> {
  const { screen, stop, now } = session;
  const view = flags.concurrency === 1 ? fullView : compactView;
  const prompted = session.interactive && flags.answers === undefined;
  const limit = pLimit(flags.concurrency);
  let ended = 0;

  const work = async (ticket: Ticket, thread: string): Promise<TicketResult[]> => {
    if (stop.requested) return [];
    const { id, title, instruction: message, scene, answers } = ticket;
    const heading = { id, thread, message, ...(title === undefined ? {} : { title }) };
    const shown = view(heading, { screen, now, prompted });
    const result = await runTicket({
      desk,
      id,
      thread,
      begin: (run) => desk.start(thread, { message, ...(scene === undefined ? {} : { scene }) }, run),
      answer: answerer({ ticket: String(id), thread }, answers),
      onEvent: shown.onEvent,
      stop,
      now,
    });
    shown.end(result);
    ended++;
    if (flags.concurrency > 1) screen.status(`${ended} of ${tickets.length} tickets`);
    return [result];
  };

  const settled = await Promise.allSettled(
    tickets.map((ticket, at) =>
      limit(async () => {
        try {
          return await work(ticket, threads[at] ?? "");
        } catch (error) {
          stop.request(); // The desk itself broke: no further ticket can be worked on.
          throw error;
        }
      }),
    ),
  );
  return settled.flatMap((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

function workWords(count: number, file: string, concurrency: number): string {
  const pace = concurrency === 1 ? "one after another" : `${concurrency} at a time`;
  return `${counted(count, "ticket")} from ${relative(process.cwd(), file)}, ${pace}`;
}

function totals(results: readonly TicketResult[], of: number, ms: number): string {
  const outcomes = new Map<string, number>();
  for (const { outcome } of results) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const words = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`);
  const unstarted = of - results.length;
  return [...words, ...(unstarted > 0 ? [`${unstarted} not begun`] : []), `in ${seconds(ms)}`].join(", ");
}
