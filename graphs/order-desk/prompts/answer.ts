/**
 * From what a model answered to what the desk can use. Whatever does not fit becomes an llm-recoverable Fault
 * that says what was wrong, so that the model reads it in the next round. Nothing is repaired by guessing.
 */
import type { z } from "zod";
import { Fault } from "#src/faults/index.ts";
import type { Message } from "./message.ts";

/** Some models wrap JSON in a code fence although they were asked for bare JSON; that much is let pass. */
const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/;

/**
 * The JSON answer of a role.
 *
 * @throws Fault llm-recoverable "malformed_answer": no JSON, or JSON of another shape.
 */
export function parseJsonAnswer<T extends z.ZodType>(schema: T, message: Message): z.output<T> {
  const text = fenced.exec(message.content)?.[1] ?? message.content;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw malformed(
      `The answer is not JSON: ${problem}. Answer with one JSON object and nothing else.`,
      cause,
    );
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw malformed(`The answer has the wrong shape. ${explain(parsed.error)}`, parsed.error);
  return parsed.data;
}

/** @throws Fault llm-recoverable "malformed_answer": the text is empty. */
export function parseTextAnswer(message: Message): string {
  const text = message.content.trim();
  if (text === "") throw malformed("The answer is empty. Write the text that was asked for.");
  return text;
}

export function malformed(message: string, cause?: unknown): Fault {
  return new Fault("llm-recoverable", "malformed_answer", message, cause === undefined ? {} : { cause });
}

function explain(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.length > 0 ? issue.path.join(".") : "(whole)"}: ${issue.message}`)
    .join("; ");
}
