/** The values of flags, read from text: numbers, fault rates, thread names. */
import type { FaultRates } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

/**
 * @throws UsageError for anything but a whole number of at least `least`.
 */
export function numberOf(
  flag: string,
  text: string | undefined,
  { fallback, least }: { fallback: number; least: number },
): number {
  if (text === undefined) return fallback;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least) return value;
  const range = least === Number.MIN_SAFE_INTEGER ? "a whole number" : `a whole number of at least ${least}`;
  throw new UsageError(`${flag} ${text} must be ${range}, such as ${flag} ${Math.max(least, 4)}`);
}

const noFaults: FaultRates = { model: 0, tool: 0, payment: 0, mail: 0 };

/**
 * Reads `model=0.1,tool=0.1,payment=0.05`; what is not named is 0.
 *
 * @throws UsageError for an unknown name, one named twice, or a rate outside 0 to 1.
 */
export function ratesOf(text: string | undefined): FaultRates {
  const rates = { ...noFaults };
  const seen = new Set<string>();
  for (const part of text?.split(",") ?? []) {
    const [name = "", rate = ""] = part.split("=").map((word) => word.trim());
    if (!isTarget(name)) {
      throw new UsageError(
        `--faults ${part} names nothing that can fail: use model, tool, payment and mail, as in model=0.1,tool=0.1`,
      );
    }
    if (seen.has(name)) throw new UsageError(`--faults names ${name} twice: leave one out`);
    seen.add(name);
    const value = /^\d*\.?\d+$/.test(rate) ? Number(rate) : Number.NaN;
    if (!(value >= 0 && value <= 1)) {
      throw new UsageError(`--faults ${part} must be a share of calls from 0 to 1, such as ${name}=0.1`);
    }
    rates[name] = value;
  }
  return rates;
}

function isTarget(name: string): name is keyof FaultRates {
  return Object.hasOwn(noFaults, name);
}

/** Each ticket works on a branch of the shop that is named after its thread. */
const shopItself = "main";

/** @throws UsageError for a name that a shell, an HTTP header or a branch of the shop could not take. */
export function threadName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) {
    throw new UsageError(
      `--thread ${name} cannot be used: up to 100 letters, digits, dots, dashes and underscores, as in --thread monday-1`,
    );
  }
  if (name === shopItself) {
    throw new UsageError(
      `--thread ${name} is the shop itself, and a ticket works on a branch: take another name`,
    );
  }
  return name;
}
