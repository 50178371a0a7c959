/**
 * The command line as data: which command, with which settings. Pure: no file is looked at here (`inputs.ts` does).
 *
 * Node's own parser splits the words; what it says of a wrong one is written for programmers, so that is said here.
 */
import { parseArgs } from "node:util";
import { numberOf, ratesOf, threadName } from "./flag-values.ts";
import { UsageError } from "./usage-error.ts";

export type ModelChoice = "auto" | "rules" | "live" | { readonly scriptFile: string };

/** Share of calls that go wrong, 0 to 1 each. */
export type FaultRates = Readonly<Record<"model" | "tool" | "payment" | "mail", number>>;

/** What every command opens the desk with. */
export interface DeskFlags {
  /** Undefined: the project's own shop. */
  readonly shop?: string;
  /** Undefined: named after the shop. */
  readonly schema?: string;
  readonly model: ModelChoice;
  readonly faults: FaultRates;
  readonly seed: number;
}

export interface RunFlags extends DeskFlags {
  readonly kind: "run";
  /** Undefined: the project's own tickets. */
  readonly tickets?: string;
  /** "yes", or a file. Undefined: a person at the terminal, or nobody. */
  readonly answers?: string;
  readonly concurrency: number;
  readonly report?: string;
  readonly thread?: string;
}

export interface ResumeFlags extends DeskFlags {
  readonly kind: "resume";
  readonly thread: string;
  readonly answer?: string;
}

export interface HistoryFlags extends DeskFlags {
  readonly kind: "history";
  readonly thread: string;
}

export type CommandLine = { readonly kind: "help" } | RunFlags | ResumeFlags | HistoryFlags;

const commands = ["run", "resume", "history"] as const;
type Command = (typeof commands)[number];

const ofDesk = ["shop", "schema"];
const ofWork = [...ofDesk, "model", "faults", "seed"];
/** The flags that each command takes, all with a value. */
const known: Record<Command, readonly string[]> = {
  run: [...ofWork, "tickets", "answers", "concurrency", "report", "thread"],
  resume: [...ofWork, "answer"],
  history: ofDesk,
};

/**
 * @param argv - The words after the program's name.
 * @throws UsageError with one line on the first word that is wrong.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      ...Object.fromEntries(Object.values(known).flatMap((names) => names.map((name) => [name, string]))),
    },
  });
  if (tokens.some((token) => token.kind === "option" && token.name === "help")) return { kind: "help" };

  // Values first: a forgotten one takes the next flag for itself, and that flag's value would pass for a command.
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName } = token;
    if (values.has(name)) throw new UsageError(`${rawName} is given twice: leave one out`);
    values.set(name, flagValue(name, rawName, token.value));
  }
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const command = commandOf(words);
  for (const name of values.keys()) refuseForeign(command, name);
  return commandLine(command, words, values);
}

const string = { type: "string" } as const;

function commandOf([word, thread, ...rest]: string[]): Command {
  if (word === undefined) return "run";
  if (word !== "resume" && word !== "history") {
    throw new UsageError(
      `There is no command "${word}": leave it out to work on tickets, or use resume THREAD or history THREAD (--help)`,
    );
  }
  if (thread === undefined || thread === "") {
    throw new UsageError(`${word} needs a thread: npm start -- ${word} THREAD; a run prints its threads`);
  }
  if (rest.length > 0) {
    throw new UsageError(
      `"${rest[0]}" after ${word} ${thread} is one word too many: put quotes around a text`,
    );
  }
  return word;
}

function flagValue(name: string, rawName: string, value: string | undefined): string {
  if (!commands.some((command) => known[command].includes(name))) {
    throw new UsageError(`There is no flag ${rawName} (--help lists them all)`);
  }
  if (value === undefined || value === "" || /^--[a-z]/.test(value)) {
    throw new UsageError(`${rawName} needs a value (--help shows which)`);
  }
  return value;
}

function refuseForeign(command: Command, name: string): void {
  if (known[command].includes(name)) return;
  const [owner] = commands.filter((other) => known[other].includes(name));
  const place = owner === "run" ? "a run of tickets" : `the command ${owner}`;
  throw new UsageError(
    `--${name} belongs to ${place}: leave it out with ${command === "run" ? "tickets" : command}`,
  );
}

function commandLine(
  command: Command,
  [, thread = ""]: string[],
  values: ReadonlyMap<string, string>,
): CommandLine {
  const desk: DeskFlags = {
    ...given(values, "shop", "schema"),
    model: modelOf(values.get("model")),
    faults: ratesOf(values.get("faults")),
    seed: numberOf("--seed", values.get("seed"), { fallback: 1, least: Number.MIN_SAFE_INTEGER }),
  };
  if (command === "history") return { kind: "history", thread, ...desk };
  if (command === "resume") return { kind: "resume", thread, ...desk, ...given(values, "answer") };
  if (values.has("shop") && !values.has("tickets")) {
    throw new UsageError("--shop names another shop: name its tickets too, with --tickets FILE");
  }
  const prefix = values.get("thread");
  return {
    kind: "run",
    ...desk,
    ...given(values, "tickets", "answers", "report"),
    concurrency: numberOf("--concurrency", values.get("concurrency"), { fallback: 1, least: 1 }),
    ...(prefix === undefined ? {} : { thread: threadName(prefix) }),
  };
}

function given<Name extends string>(
  values: ReadonlyMap<string, string>,
  ...names: Name[]
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = values.get(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function modelOf(text: string | undefined): ModelChoice {
  if (text === undefined) return "auto";
  if (text === "rules" || text === "live") return text;
  const scriptFile = /^scripted:(.+)$/.exec(text)?.[1];
  if (scriptFile !== undefined) return { scriptFile };
  throw new UsageError(`--model ${text} is not known: use rules, live or scripted:FILE`);
}
