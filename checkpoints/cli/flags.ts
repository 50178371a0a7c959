/** The command line of `npm run checkpoints` as data. Pure. What is wrong with it is one StartUpError of one line. */
import { parseArgs } from "node:util";
import { mostKept } from "../retention.ts";
import { StartUpError } from "../start-up-error.ts";

export interface PruneCommand {
  readonly kind: "prune";
  readonly keepLast?: number;
  /** In ms. */
  readonly olderThan?: number;
  readonly thread?: string;
  readonly schema?: string;
  readonly dryRun: boolean;
}

export interface ToStockCommand {
  readonly kind: "to-stock";
  readonly thread?: string;
  readonly schema?: string;
}

export interface ResealCommand {
  readonly kind: "reseal";
  /** Never given: what one key sealed is spread over all. */
  readonly thread?: undefined;
  readonly schema?: string;
}

export type Command = { readonly kind: "help" } | PruneCommand | ToStockCommand | ResealCommand;

const values = ["keep", "older-than", "thread", "schema"];
const known: Record<string, readonly string[]> = {
  prune: [...values, "dry-run"],
  "to-stock": ["thread", "schema"],
  reseal: ["schema"],
};

/** @throws StartUpError */
export function readCommand(argv: readonly string[]): Command {
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      "dry-run": { type: "boolean" },
      ...Object.fromEntries(values.map((name) => [name, { type: "string" as const }])),
    },
  });
  if (tokens.some((token) => token.kind === "option" && token.name === "help")) return { kind: "help" };
  const [word, ...more] = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const flags = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    if (name !== "dry-run" && !values.includes(name)) {
      throw new StartUpError(`There is no flag ${rawName} (--help lists them all)`);
    }
    if (flags.has(name)) throw new StartUpError(`${rawName} is given twice: leave one out`);
    flags.set(name, flagValue(name, rawName, value));
  }
  const allowed = word !== undefined && Object.hasOwn(known, word) ? known[word] : undefined;
  if (allowed === undefined) {
    const what = word === undefined ? "A command is missing" : `There is no command "${word}"`;
    throw new StartUpError(
      `${what}: write npm run checkpoints -- prune --keep 10, reseal, or to-stock (--help)`,
    );
  }
  if (more.length > 0) {
    throw new StartUpError(`"${more[0]}" after ${word} is one word too many: a thread is named by --thread`);
  }
  for (const name of flags.keys()) {
    if (!allowed.includes(name))
      throw new StartUpError(
        `--${name} belongs to ${name === "thread" ? "prune and to-stock" : "prune"}: leave it out with ${word}`,
      );
  }
  if (word === "reseal") {
    const schema = flags.get("schema");
    return { kind: "reseal", ...(schema === undefined ? {} : { schema }) };
  }
  return word === "to-stock" ? { kind: "to-stock", ...where(flags) } : pruneCommand(flags);
}

function pruneCommand(flags: ReadonlyMap<string, string>): PruneCommand {
  const [keep, age] = [flags.get("keep"), flags.get("older-than")];
  if (keep === undefined && age === undefined) {
    throw new StartUpError(
      "prune needs to know what stays: give --keep N (checkpoints of each branch), --older-than AGE, such as 30d, or both",
    );
  }
  return {
    kind: "prune",
    ...(keep === undefined ? {} : { keepLast: countOf(keep) }),
    ...(age === undefined ? {} : { olderThan: msOf(age) }),
    ...where(flags),
    dryRun: flags.has("dry-run"),
  };
}

function flagValue(name: string, rawName: string, value: string | undefined): string {
  if (name === "dry-run") {
    if (value === undefined) return "";
    throw new StartUpError(`${rawName} takes no value: write ${rawName} alone`);
  }
  if (value === undefined || value === "" || /^--[a-z]/.test(value)) {
    throw new StartUpError(`${rawName} needs a value (--help shows which)`);
  }
  return value;
}

function where(flags: ReadonlyMap<string, string>): { thread?: string; schema?: string } {
  const [thread, schema] = [flags.get("thread"), flags.get("schema")];
  return { ...(thread === undefined ? {} : { thread }), ...(schema === undefined ? {} : { schema }) };
}

function countOf(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (Number.isSafeInteger(count) && count >= 1 && count <= mostKept) return count;
  throw new StartUpError(`--keep ${text} must be a whole number from 1 to ${mostKept}, such as --keep 10`);
}

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 };
/** More would lead to before the year 1. */
const longestMs = 1_000 * 365 * units.d;

function msOf(text: string): number {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * units[unit as keyof typeof units];
  if (ms > 0 && ms <= longestMs) return ms;
  throw new StartUpError(
    `--older-than ${text} must be a number of days, hours or minutes above 0, such as 30d, 12h or 90m`,
  );
}
