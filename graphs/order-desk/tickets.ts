/**
 * Tickets from a file: what customers wrote, and for trials what goes wrong around them and how they should end.
 *
 * The public tau-bench tasks are read as they are: fields that are none of a ticket's are left out.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { StartUpError } from "#checkpoints/start-up-error.ts";
import { sceneSchema } from "./scene.ts";
import { orderSchema, userSchema } from "./shop/records.ts";
import { readTools, writeTools } from "./tools/catalogue.ts";

/** More would push the first ones off the screen. */
const shownProblems = 5;

const toolNames = Object.keys({ ...readTools, ...writeTools });

export const ticketSchema = z.object({
  id: z.union([
    z
      .string()
      .min(1)
      .refine((id) => !/\p{Surrogate}/u.test(id), "half a character cannot be part of an id"),
    z.int(),
  ]),
  /** What the ticket shows, for people who watch it run. */
  title: z.string().min(1).exactOptional(),
  /** The customer's message. */
  instruction: z.string().trim().min(1),
  /** The right tool calls, in order, for a model that plays a script. Their arguments are checked where they are played. */
  actions: z
    .array(z.object({ name: z.enum(toolNames), arguments: z.record(z.string(), z.unknown()) }))
    .default([]),
  /** What the customer, or the clerk, answers when asked, in the order of the questions. */
  answers: z.array(z.string().min(1)).exactOptional(),
  scene: sceneSchema.exactOptional(),
  /** Every record that must differ from the given shop at the end, whole. Empty: nothing may change. */
  expected: z
    .object({
      orders: z.record(z.string(), orderSchema).exactOptional(),
      users: z.record(z.string(), userSchema).exactOptional(),
    })
    .exactOptional(),
});
export type Ticket = z.infer<typeof ticketSchema>;

/** @throws StartUpError, one line a problem, when `file` is missing, no JSON, or holds anything but tickets with ids of their own. */
export async function readTickets(file: string): Promise<Ticket[]> {
  const list = await readList(file);
  const problems: string[] = [];
  const tickets: Ticket[] = [];
  const places = new Map<string, number>();
  list.forEach((value, at) => {
    const parsed = ticketSchema.safeParse(value);
    if (!parsed.success) {
      problems.push(
        ...parsed.error.issues.map((issue) => `${file}: ${nameOf(value, at)}, ${inWords(issue)}`),
      );
      return;
    }
    // As text, since a ticket's thread is named after it and 7 and "7" would meet on one.
    const id = String(parsed.data.id);
    const earlier = places.get(id);
    if (earlier !== undefined) {
      problems.push(
        `${file}: ticket ${at + 1} has the id ${id} of ticket ${earlier + 1}: give each an id of its own`,
      );
    }
    places.set(id, at);
    tickets.push(parsed.data);
  });
  if (problems.length > 0) throw new StartUpError(shown(problems));
  return tickets;
}

async function readList(file: string): Promise<unknown[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : String(error);
    const what = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw new StartUpError(`${file}: ${what}; name a JSON file that lists tickets`);
  }
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartUpError(`${file}: it is not JSON (${reason}); correct it there`);
  }
  if (!Array.isArray(list) || list.length === 0) {
    throw new StartUpError(
      `${file}: it must be a list with at least one ticket: [{ "id": …, "instruction": … }]`,
    );
  }
  return list;
}

function nameOf(value: unknown, at: number): string {
  const id = typeof value === "object" && value !== null && "id" in value ? ` (id ${String(value.id)})` : "";
  return `ticket ${at + 1}${id}`;
}

function inWords({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `"${path.join(".")}": ${message}`;
}

function shown(problems: string[]): string {
  const rest = problems.length - shownProblems;
  return [...problems.slice(0, shownProblems), ...(rest > 0 ? [`… and ${rest} more like these`] : [])].join(
    "\n",
  );
}
