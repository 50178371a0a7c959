/** The lines around a ticket's timeline: its heading, and how it ended. */
import type { Paint } from "./paint.ts";
import type { Ending, TicketResult } from "./run-ticket.ts";
import { counted, oneLine, seconds, wrapped } from "./text.ts";

export interface TicketHeading {
  readonly id: string | number;
  readonly title?: string;
  readonly thread: string;
  readonly message: string;
}

/** Lines of a text that is shown whole get no wider, so that they can be read. */
const readable = 100;
/** Of a customer's message. */
const shownLines = 3;

const colours: Record<Ending, "green" | "magenta" | "blue" | "red" | "yellow"> = {
  resolved: "green",
  asked: "magenta",
  compensated: "blue",
  failed: "red",
  stopped: "yellow",
};

export function inEnding(paint: Paint, ending: Ending): string {
  return paint[colours[ending]](ending);
}

export function headingLines(
  { id, title, thread, message }: TicketHeading,
  paint: Paint,
  width: number,
): string[] {
  const lines = wrapped(message, Math.min(width - 4, readable));
  const more = lines.length > shownLines ? " …" : "";
  const name = String(id) === thread ? "" : paint.dim(`  thread ${thread}`);
  return [
    "",
    `${paint.dim("┌")} ${paint.bold(oneLine(String(id)))}${title === undefined ? "" : `  ${oneLine(title)}`}${name}`,
    ...lines
      .slice(0, shownLines)
      .map((line, at) => paint.dim(`│ ${line}${at === shownLines - 1 ? more : ""}`)),
  ];
}

export function endingLines(result: TicketResult, paint: Paint, width: number): string[] {
  const { outcome, reply, error, ms } = result;
  const replyLines = reply === null ? [] : wrapped(reply, Math.min(width - 12, readable));
  return [
    ...replyLines.map((line, at) => `${paint.dim("│")} ${paint.dim(at === 0 ? "reply" : "     ")}  ${line}`),
    ...(error === undefined ? [] : troubleLines(error).map((line) => `${paint.dim("│")} ${paint.red(line)}`)),
    `${paint.dim("└")} ${inEnding(paint, outcome)} ${paint.dim(`in ${seconds(ms)}, ${faultsMet(result)}`)}`,
  ];
}

/** Where lines are few: one for the whole ticket. */
export function compactEnding(result: TicketResult, paint: Paint): string {
  const line = `${inEnding(paint, result.outcome)} ${paint.dim(`in ${seconds(result.ms)}, ${faultsMet(result)}`)}`;
  const trouble = result.error === undefined ? "" : ` ${paint.red(troubleLines(result.error).join("; "))}`;
  return `${paint.dim(`[${result.id}]`)} ${line}${trouble}`;
}

function faultsMet({ report }: TicketResult): string {
  return report.faultList.length === 0 ? "no fault" : counted(report.faultList.length, "fault");
}

/** What a developer needs of an error: its words, and of each cause its words and where in this project it arose. */
export function troubleLines(error: unknown): string[] {
  const errors = error instanceof AggregateError ? error.errors : [error];
  return errors.flatMap((one: unknown) => {
    const lines = [oneLine(one instanceof Error ? one.message : String(one))];
    let cause = one instanceof Error ? one.cause : undefined;
    for (; cause instanceof Error; cause = cause.cause) {
      const at = ownFrame(cause.stack);
      lines.push(`caused by ${cause.name}: ${oneLine(cause.message)}${at === undefined ? "" : ` (${at})`}`);
    }
    return lines;
  });
}

function ownFrame(stack = ""): string | undefined {
  const frame = stack.split("\n").find((line) => /^\s+at /.test(line) && !/node_modules|node:/.test(line));
  return frame
    ?.replace(/^\s+at /, "")
    .replaceAll(`${process.cwd()}/`, "")
    .replaceAll("file://", "");
}
