/** The command line of `npm run hanoi` as data. Pure. What is wrong with it is one StartUpError of one line. */
import { parseArgs } from "node:util";
import { StartUpError } from "#checkpoints/index.ts";
import { defaults, type Settings } from "../context.ts";
import { mostDisks } from "../tower.ts";

export interface RunCommand {
  readonly kind: "run";
  readonly disks: number;
  readonly thread: string;
  readonly schema?: string;
  readonly live: boolean;
  readonly settings: Settings;
  /** Checkpoints that stay while the tower is built. */
  readonly keep: number;
  /** Seconds from one progress line to the next, where there is no terminal. */
  readonly every: number;
}

const valued = ["disks", "p", "correlated", "malformed", "k", "seed", "thread", "schema", "keep", "every"];
const bare = ["live"];
/** What only the simulated mover knows. */
const simulatedOnly = ["p", "correlated", "malformed", "seed"];

/** @throws StartUpError */
export function readCommand(argv: readonly string[]): RunCommand | { readonly kind: "help" } {
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      ...Object.fromEntries(bare.map((name) => [name, { type: "boolean" as const }])),
      ...Object.fromEntries(valued.map((name) => [name, { type: "string" as const }])),
    },
  });
  if (tokens.some((token) => token.kind === "option" && token.name === "help")) return { kind: "help" };
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional")
      throw new StartUpError(`"${token.value}" is one word too many: every setting is a flag (--help)`);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    if (given.has(name)) throw new StartUpError(`${rawName} is given twice: leave one out`);
    given.set(name, flagValue(name, rawName, value));
  }
  const live = given.has("live");
  const stray = simulatedOnly.find((name) => live && given.has(name));
  if (stray !== undefined)
    throw new StartUpError(`--${stray} sets the simulated mover: leave it out, or leave --live out`);
  const whole = (name: string, fallback: number, least: number, most: number) =>
    wholeOf(name, given.get(name), { fallback, least, most });
  const share = (name: "p" | "correlated" | "malformed") => shareOf(name, given.get(name), defaults[name]);
  const disks = whole("disks", 10, 1, mostDisks);
  const schema = given.get("schema");
  return {
    kind: "run",
    disks,
    thread: threadName(given.get("thread") ?? `hanoi-${disks}`),
    ...(schema === undefined ? {} : { schema }),
    live,
    settings: {
      k: whole("k", defaults.k, 1, 100),
      p: share("p"),
      correlated: share("correlated"),
      malformed: share("malformed"),
      seed: whole("seed", defaults.seed, 0, Number.MAX_SAFE_INTEGER),
    },
    keep: whole("keep", 50, 1, 1_000_000),
    every: whole("every", 10, 1, 3_600),
  };
}

function flagValue(name: string, rawName: string, value: string | undefined): string {
  if (bare.includes(name)) {
    if (value === undefined) return "";
    throw new StartUpError(`${rawName} takes no value: write ${rawName} alone`);
  }
  if (!valued.includes(name)) throw new StartUpError(`There is no flag ${rawName} (--help lists them all)`);
  if (value === undefined || value === "" || /^--[a-z]/.test(value))
    throw new StartUpError(`${rawName} needs a value (--help shows which)`);
  return value;
}

function wholeOf(
  name: string,
  text: string | undefined,
  { fallback, least, most }: { fallback: number; least: number; most: number },
): number {
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new StartUpError(
    `--${name} ${text} must be a whole number from ${least} to ${most}, such as --${name} ${fallback}`,
  );
}

function shareOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw new StartUpError(`--${name} ${text} must be a share from 0 to 1, such as --${name} 0.1`);
}

function threadName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return name;
  throw new StartUpError(
    `--thread ${name} cannot be used: up to 100 letters, digits, dots, dashes and underscores, as in --thread monday-1`,
  );
}
