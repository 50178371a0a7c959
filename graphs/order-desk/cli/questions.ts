/** A person at the terminal answers a question, or leaves it open. */
import { isCancel, select, text } from "@clack/prompts";
import type { HumanQuestion } from "#src/routing/index.ts";
import { oneLine } from "./text.ts";

/** Thrown when the person presses Ctrl-C at the prompt: they want to stop, not to answer. */
const cancelled = Symbol("cancelled");
export type Reply = string | undefined | typeof cancelled;

export function isCancelled(reply: Reply): reply is typeof cancelled {
  return reply === cancelled;
}

const later = "later";

/**
 * @param suggestion - What a trial's ticket would answer; shown as a hint, never taken by itself.
 * @returns The answer; undefined to leave the question open.
 */
export async function askAtPrompt(question: HumanQuestion, suggestion?: string): Promise<Reply> {
  const message = promptText(question);
  const hint = suggestion === undefined ? "" : `\nThe ticket itself suggests: ${oneLine(suggestion, 100)}`;
  if (question.options !== undefined) {
    const answer = await select({
      message: `${message}${hint}`,
      options: [...question.options, later].map((value) => ({
        value,
        ...(value === later ? { hint: "leave the question open" } : {}),
      })),
    });
    if (isCancel(answer)) return cancelled;
    return answer === later ? undefined : answer;
  }
  const answer = await text({
    message: `${message}${hint}`,
    placeholder: "nothing leaves the question open",
  });
  if (isCancel(answer)) return cancelled;
  const words = (answer ?? "").trim();
  return words === "" ? undefined : words;
}

/** The question, with what was wrong with the last answer and what the asker wants known. */
export function promptText({ question, problem, details = {} }: HumanQuestion): string {
  const known = Object.entries(details).flatMap(([name, value]) =>
    Array.isArray(value) && value.length > 0 ? [`${name}: ${value.map(String).join(", ")}`] : [],
  );
  const lines = [...(problem === undefined ? [] : [`Not taken: ${problem}.`]), question, ...known];
  return lines.map((line) => oneLine(line)).join("\n");
}
