/**
 * Reads a shop from a folder: orders.json, products.json and users.json, each an object keyed by record id.
 *
 * All three are read and checked before anything is returned, so a bad file never leaves half a shop behind.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { StartUpError } from "#checkpoints/index.ts";
import { inconsistencies, type Problem } from "./consistency.ts";
import { orderSchema, productSchema, type ShopData, userSchema } from "./records.ts";

/** More lines than this help nobody: the first ones usually share one cause. */
const shownProblems = 10;

/**
 * @param dir - Folder with the three files.
 * @throws StartUpError with one line for each problem (file, record id, field, how to mend it), the first ten of them.
 */
export async function readShop(dir: string): Promise<ShopData> {
  const [orders, products, users] = await Promise.all([
    readTable(dir, "orders.json", orderSchema),
    readTable(dir, "products.json", productSchema),
    readTable(dir, "users.json", userSchema),
  ]);
  const shop = { orders: orders.table, products: products.table, users: users.table };
  const broken = [...orders.problems, ...products.problems, ...users.problems];
  const problems = broken.length > 0 ? broken : inconsistencies(shop);
  if (problems.length > 0) throw new StartUpError(inLines(dir, problems));
  return shop;
}

async function readTable<T>(
  dir: string,
  file: string,
  schema: z.ZodType<T>,
): Promise<{ table: Record<string, T>; problems: Problem[] }> {
  const parsed = await readJson(dir, file);
  if ("what" in parsed) return { table: {}, problems: [parsed] };
  if (typeof parsed.json !== "object" || parsed.json === null || Array.isArray(parsed.json)) {
    const mend = 'write one object: { "record id": { … }, … }';
    return { table: {}, problems: [{ file, what: "is not an object", mend }] };
  }
  const table: Record<string, T> = {};
  const problems: Problem[] = [];
  for (const [record, value] of Object.entries(parsed.json)) {
    const result = schema.safeParse(value);
    if (result.success) table[record] = result.data;
    else problems.push(...result.error.issues.map((issue) => schemaProblem(file, record, issue)));
  }
  return { table, problems };
}

async function readJson(dir: string, file: string): Promise<{ json: unknown } | Problem> {
  let text: string;
  try {
    text = await readFile(join(dir, file), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return code === "ENOENT"
      ? { file, what: "is missing", mend: "a shop folder holds orders.json, products.json and users.json" }
      : {
          file,
          what: `cannot be read (${code})`,
          mend: "check that it is a file and that its permissions let you read it",
        };
  }
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    return {
      file,
      what: `is not JSON (${jsonTrouble(error, text)})`,
      mend: "correct the file there, or write it anew",
    };
  }
}

/** V8's own words, on one line; where they give an offset, its line and column, which an editor can go to. */
function jsonTrouble(error: unknown, text: string): string {
  const words = error instanceof Error ? error.message.replace(/\s+/g, " ") : String(error);
  const offset = /at position (\d+)/.exec(words)?.[1];
  if (offset === undefined) return words;
  const lines = text.slice(0, Number(offset)).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}: ${words}`;
}

function schemaProblem(file: string, record: string, issue: z.core.$ZodIssue): Problem {
  if (issue.code === "unrecognized_keys") {
    const field = [...issue.path, issue.keys[0]].join(".");
    return {
      file,
      record,
      field,
      what: "is not a field of this record",
      mend: "correct its spelling or remove it",
    };
  }
  const field = issue.path.join(".");
  return { file, record, ...(field && { field }), what: "is wrong", mend: issue.message };
}

function inLines(dir: string, problems: Problem[]): string {
  const lines = problems.slice(0, shownProblems).map(({ file, record, field, what, mend }) => {
    const where = [record && `"${record}"`, field].filter(Boolean).join(", ");
    return `${join(dir, file)}${where && `: ${where}`} ${what}: ${mend}`;
  });
  const rest = problems.length - lines.length;
  return [...lines, ...(rest > 0 ? [`… and ${rest} more like these`] : [])].join("\n");
}
