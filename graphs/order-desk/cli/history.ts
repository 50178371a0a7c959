/** The command `history THREAD`: the supersteps of a ticket as its checkpoints have them, and the faults it met. */
import type { HistoryEntry } from "../desk.ts";
import type { TicketReport } from "../report.ts";
import { nextLines } from "./closing.ts";
import type { HistoryFlags } from "./flags.ts";
import { deskOptions } from "./inputs.ts";
import { inCategory, type Paint } from "./paint.ts";
import { knownThread } from "./resume.ts";
import { resultOf } from "./run-ticket.ts";
import { type ExitCode, type Session, withDesk } from "./session.ts";
import { counted, oneLine } from "./text.ts";
import { headingLines, inEnding } from "./ticket-lines.ts";

/** @throws UsageError when nobody knows the thread. */
export async function history(flags: HistoryFlags, session: Session): Promise<ExitCode> {
  const { screen } = session;
  const { thread } = flags;
  return withDesk(session, await deskOptions(flags), async (desk): Promise<ExitCode> => {
    const found = await knownThread(desk, thread);
    const report = await desk.report(thread);
    const entries = await desk.history(thread);
    screen.status(undefined);
    const heading = { id: thread, thread, message: found.state.message };
    const result = resultOf({ id: thread, thread }, found, report, 0);
    const lines = [
      ...headingLines(heading, screen.paint, screen.width),
      ...stepLines(entries),
      ...faultLines(report, screen.paint),
      `${inEnding(screen.paint, result.outcome)}, ${counted(report.effects.length, "effect")}`,
      ...nextLines([result], flags, screen.paint),
    ];
    for (const line of lines) screen.line(line);
    return 0;
  });
}

export function stepLines(entries: readonly HistoryEntry[]): string[] {
  return entries.map(({ step, at, wrote, next }) => {
    const time = at.replace("T", " ").replace(/\.\d+Z$|Z$/, "");
    return `${String(step).padStart(4)}  ${time}  ${(wrote.join(", ") || "the message came in").padEnd(24)} → ${next.join(", ") || "end"}`;
  });
}

export function faultLines({ faultList }: TicketReport, paint: Paint): string[] {
  return faultList.map(({ node, category, code, message, end, answer }) => {
    const ended = answer === undefined ? end : `${end}, answered "${answer}"`;
    return inCategory(
      paint,
      category,
      `  ✗ ${node}: ${category} ${code} → ${ended}: ${oneLine(message, 160)}`,
    );
  });
}
