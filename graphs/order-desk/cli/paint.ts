/** Colours, and the words and colours of the five categories, the same in the timeline, the table and the closing lines. */
import pc from "picocolors";
import type { Category } from "#src/faults/index.ts";

export type Paint = ReturnType<typeof pc.createColors>;

/** Colours for a terminal, unless NO_COLOR is set; FORCE_COLOR asks for them elsewhere too. */
export function paintFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const { FORCE_COLOR: forced, TERM, NO_COLOR } = env;
  const wanted = forced ? forced !== "0" : stream.isTTY === true && TERM !== "dumb";
  return pc.createColors(wanted && !NO_COLOR);
}

export const plain: Paint = pc.createColors(false);

/** Who mends a fault of each category. */
export const mender: Record<Category, string> = {
  transient: "the system",
  "llm-recoverable": "the model",
  "user-fixable": "a person",
  compensable: "compensation",
  unexpected: "a developer",
};

const colours: Record<Category, "yellow" | "cyan" | "magenta" | "blue" | "red"> = {
  transient: "yellow",
  "llm-recoverable": "cyan",
  "user-fixable": "magenta",
  compensable: "blue",
  unexpected: "red",
};

/** The text in the category's colour. */
export function inCategory(paint: Paint, category: Category, text: string): string {
  return paint[colours[category]](text);
}
