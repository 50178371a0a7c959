/** The command line of `npm run reliability` as data. Pure. */
import { parseArgs } from "node:util";

export interface Question {
  readonly steps: number;
  /** Chance that one step is right. */
  readonly p: number;
  /** Wanted chance that all are. */
  readonly target: number;
  /** Share of the errors that are seen at once, since something is thrown. */
  readonly crash: number;
  readonly attempts: number;
}

const defaults: Question = { steps: 100, p: 0.99, target: 0.95, crash: 0.5, attempts: 3 };

export const help = `npm run reliability -- --steps 100 --p 0.99

What each weapon makes of a workflow whose steps are right with chance --p.
Formulas for independent errors: nothing is measured, and no model is asked.

  --steps N      steps of the workflow, 1 to 1000000000 (${defaults.steps})
  --p P          chance that one step is right, above 0 and below 1 (${defaults.p})
  --target T     wanted chance that all steps are, above 0 and below 1 (${defaults.target})
  --crash C      share of errors that crash, which a retry sees; 0 to 1 (${defaults.crash})
  --attempts N   attempts at a step in all, 1 to 100 (${defaults.attempts})
  --help         this

NO_COLOR takes the colours away. Exit code 2: a flag that cannot be obeyed.
`;

/** What is wrong with the command line, in one line. */
export class FlagError extends Error {}

/** @throws FlagError */
export function readFlags(argv: readonly string[]): Question | "help" {
  const given = new Map<string, string>();
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      ...Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: "string" as const }])),
    },
  });
  for (const token of tokens) {
    if (token.kind === "positional")
      throw new FlagError(`"${token.value}" is one word too many: every setting is a flag (--help)`);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    if (name === "help") return "help";
    if (!Object.hasOwn(defaults, name) || !rawName.startsWith("--"))
      throw new FlagError(`There is no flag ${rawName} (--help lists them all)`);
    if (given.has(name)) throw new FlagError(`${rawName} is given twice: leave one out`);
    if (value === undefined || value === "" || value.startsWith("--"))
      throw new FlagError(`${rawName} needs a value, such as ${rawName} ${defaults[name as keyof Question]}`);
    given.set(name, value);
  }
  const number = (name: keyof Question, fits: (value: number) => boolean, what: string): number => {
    const text = given.get(name);
    if (text === undefined) return defaults[name];
    const value = /^\d*\.?\d+(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (fits(value)) return value;
    throw new FlagError(`--${name} ${text} must be ${what}, such as --${name} ${defaults[name]}`);
  };
  const whole = (most: number) => (value: number) => Number.isInteger(value) && value >= 1 && value <= most;
  const inside = (value: number) => value > 0 && value < 1;
  return {
    steps: number("steps", whole(1e9), "a whole number from 1 to 1000000000"),
    p: number("p", inside, "above 0 and below 1"),
    target: number("target", inside, "above 0 and below 1"),
    crash: number("crash", (value) => value >= 0 && value <= 1, "a share from 0 to 1"),
    attempts: number("attempts", whole(100), "a whole number from 1 to 100"),
  };
}
