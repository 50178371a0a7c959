/** The command `history THREAD`: the supersteps of a ticket as its checkpoints have them, with the faults it met. */
import type { FaultRecord } from "#src/faults/index.ts";
import type { HistoryEntry } from "../thread-history.ts";
import { nextLines } from "./closing.ts";
import type { HistoryFlags } from "./flags.ts";
import { deskOptions } from "./inputs.ts";
import { inCategory, type Paint } from "./paint.ts";
import { headingOf, knownThread } from "./resume.ts";
import { resultOf } from "./run-ticket.ts";
import { type ExitCode, type Session, withDesk } from "./session.ts";
import { stepWords } from "./step-words.ts";
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
    const result = resultOf({ id: thread, thread }, found, report, 0);
    const lines = [
      ...headingLines(headingOf(thread, found), screen.paint, screen.width),
      ...stepLines(entries, screen.paint, screen.width),
      `${inEnding(screen.paint, result.outcome)}, ${counted(report.effects.length, "effect")}`,
      ...nextLines([result], flags, screen.paint),
    ];
    for (const line of lines) screen.line(line);
    return 0;
  });
}

/** A line for each node that ran, with what it did or how it failed. Nodes of one superstep share its time. */
export function stepLines(entries: readonly HistoryEntry[], paint: Paint, width: number): string[] {
  const known = new Set<string>();
  const lines = entries.flatMap(({ at, path, ran, changed }) => {
    const faults = faultsIn(changed).filter(({ id }) => !known.has(id));
    for (const { id } of faults) known.add(id);
    return ran.map((node) => {
      const time = at.replace("T", " ").replace(/\.\d+Z$|Z$/, "");
      const name = [...path, node].join("/").padEnd(24);
      const room = Math.max(20, width - time.length - name.length - 6);
      const own = faults.filter((fault) => fault.node === node);
      return `${paint.dim(`│ ${time}`)}  ${name} ${nodeWords(node, changed, own, paint, room)}`.trimEnd();
    });
  });
  const next = entries.at(-1)?.next ?? [];
  return next.length === 0 ? lines : [...lines, `${paint.dim("│")} next: ${next.join(", ")}`];
}

function nodeWords(
  node: string,
  changed: HistoryEntry["changed"],
  faults: readonly FaultRecord[],
  paint: Paint,
  room: number,
): string {
  const last = faults.at(-1);
  if (last !== undefined && last.route !== "retried") {
    const words = `✗ ${last.category} ${last.code} → ${last.route}: ${last.message}`;
    return inCategory(paint, last.category, oneLine(words, room));
  }
  const words = stepWords(node, changed) ?? wrote(changed);
  if (last === undefined) return oneLine(words, room);
  const retried = `  after ${last.attempts} failed (${last.code})`;
  return `${oneLine(words, room - retried.length)}${inCategory(paint, last.category, retried)}`;
}

/** Fields that only routing reads are left out. */
function wrote(changed: HistoryEntry["changed"]): string {
  const fields = Object.keys(changed).filter((field) => field !== "faults" && field !== "rounds");
  return fields.length === 0 ? "" : `wrote ${fields.join(", ")}`;
}

function faultsIn({ faults }: HistoryEntry["changed"]): FaultRecord[] {
  return Array.isArray(faults) ? (faults as FaultRecord[]) : [];
}
