/**
 * Answers given beforehand, by `--answers`: "yes" to what asks for a yes or no, or a file with words for each ticket.
 * Whatever they do not answer stays open.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { HumanQuestion } from "#src/routing/index.ts";
import { UsageError } from "./usage-error.ts";

/** The ticket that asks: by its id or its thread. */
export interface Asker {
  readonly ticket: string;
  readonly thread: string;
}

/** The answer to a question, or undefined when there is none. */
export type Answers = (asker: Asker, question: HumanQuestion) => string | undefined;

const words = z.string().trim().min(1, "an answer needs words");
const answersFile = z.record(z.string(), z.union([words, z.array(words)]));
/** Tickets bring their own answers, so a file of tickets is a file of answers too. */
const ticketsFile = z.array(
  z.object({ id: z.union([z.string(), z.number()]), answers: z.array(words).optional() }),
);

/** Yes to approvals. No other question has yes among its answers. */
export const yesToApprovals: Answers = (_asker, { options, problem }) =>
  options?.includes("yes") && problem === undefined ? "yes" : undefined;

/** @throws UsageError when the file is missing, no JSON, or holds no answers. */
export async function readAnswers(file: string): Promise<Answers> {
  const json = await readJson(file);
  const parsed = Array.isArray(json) ? ticketsFile.safeParse(json) : answersFile.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(
      `--answers ${file}: ${issue?.path.length ? `"${issue.path.join(".")}": ` : ""}${issue?.message}; ` +
        'write { "ticket id": "answer", "another": ["first", "second"], "default": "yes" }',
    );
  }
  return answersFrom(Array.isArray(parsed.data) ? ofTickets(parsed.data) : parsed.data);
}

/**
 * @param given - By ticket id or thread: an answer for its first question, or a list for its first, second and so on.
 *   "default" answers every other question. An answer that was not taken is not given again.
 */
export function answersFrom(given: Readonly<Record<string, string | readonly string[]>>): Answers {
  const used = new Map<string, number>();
  return ({ ticket, thread }, { problem }) => {
    const key = [thread, ticket].find((name) => Object.hasOwn(given, name));
    const own = key === undefined ? [] : [given[key] ?? []].flat();
    const next = used.get(thread) ?? 0;
    used.set(thread, next + 1);
    if (next < own.length) return own[next];
    return problem === undefined ? [given[byDefault] ?? []].flat()[0] : undefined;
  };
}

const byDefault = "default";

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    const what = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw new UsageError(`--answers ${file}: ${what}; name a JSON file of answers, or say --answers yes`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, " ") : String(error);
    throw new UsageError(`--answers ${file}: it is not JSON (${reason}); correct it there`);
  }
}

function ofTickets(tickets: z.infer<typeof ticketsFile>): Record<string, string[]> {
  return Object.fromEntries(tickets.map(({ id, answers = [] }) => [String(id), answers]));
}
