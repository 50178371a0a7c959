/** One entry of the timeline as one line of text. */
import { inCategory, mender, type Paint } from "./paint.ts";
import { oneLine, seconds } from "./text.ts";
import type { Entry, Mark } from "./timeline.ts";

const marks: Record<Mark, string> = {
  done: "✓",
  failed: "✗",
  waits: "…",
  routed: "→",
  asks: "?",
  answered: "»",
  undone: "↶",
  stuck: "!",
  bubbled: "✗",
};

export interface LineStyle {
  readonly paint: Paint;
  /** Columns of the terminal. */
  readonly width: number;
  /** Since the ticket began. */
  readonly ms: number;
}

/** The line of an entry below its ticket's heading, with its time. */
export function entryLine(entry: Entry, { paint, width, ms }: LineStyle): string {
  const time = seconds(ms).padStart(8);
  const node = entry.node.padEnd(12);
  const room = width - time.length - node.length - 8;
  return `${paint.dim(`│${time}`)}  ${node} ${body(entry, paint, room)}`;
}

/** The line of an entry where several tickets run at once: their names stand before it. */
export function compactLine(ticket: string, entry: Entry, { paint, width }: Omit<LineStyle, "ms">): string {
  const room = width - ticket.length - entry.node.length - 6;
  return `${paint.dim(`[${ticket}]`)} ${entry.node} ${body(entry, paint, room)}`;
}

function body({ mark, category, mendedBy, text, routine }: Entry, paint: Paint, room: number): string {
  const sign = marks[mark];
  if (mark === "done") {
    const mended = mendedBy === undefined ? "" : `  mended by ${mender[mendedBy]}`;
    const words = oneLine(text, Math.max(20, room - mended.length - 2));
    const signed = `${paint.green(sign)} ${routine ? paint.dim(words) : words}`;
    return mendedBy === undefined ? signed : signed + inCategory(paint, mendedBy, mended);
  }
  const line = `${sign} ${said(mark, category)}`;
  const words = `${line}${oneLine(text, Math.max(20, room - line.length))}`;
  return category === undefined ? words : inCategory(paint, category, words);
}

function said(mark: Exclude<Mark, "done">, category = "unexpected"): string {
  switch (mark) {
    case "failed":
      return `${category} `;
    case "bubbled":
      return `goes to ${mender.unexpected}: `;
    case "answered":
      return "a person says: ";
    case "undone":
      return "taken back: ";
    case "stuck":
      return "still stands: ";
    case "waits":
    case "routed":
    case "asks":
      return "";
  }
}
