/**
 * Red flags: declared checks on a model's raw answer. An answer with a flag is discarded and asked again, never repaired:
 * what made it odd made it wrong as well (MAKER, arXiv:2511.09030, measured that repairing brings correlated errors).
 *
 * Used around one answer (`unflagged`), or by a vote on each of its samples. A check is pure and sees the answer; what it
 * compares the answer with, it closes over. Not for what only a second reader can judge: that is an inspector's.
 */
import { emit } from "../events/index.ts";
import { Fault } from "../faults/index.ts";
import { type NodeRuntime, nodeName } from "../routing/index.ts";

/** Says what is odd about the answer, in words that its author can mend it by, or nothing. */
export interface RedFlag<Answer> {
  /** snake_case. */
  readonly code: string;
  check(answer: Answer): string | undefined;
}

export interface Raised {
  readonly code: string;
  readonly message: string;
}

/** Every flag that the answer raises, in the order of the checks. */
export function raised<Answer>(checks: readonly RedFlag<Answer>[], answer: Answer): Raised[] {
  return checks.flatMap((flag) => {
    const message = flag.check(answer);
    return message === undefined ? [] : [{ code: flag.code, message }];
  });
}

/**
 * The answer, if no check raises a flag. Each rejection is an event.
 *
 * @throws Fault llm-recoverable "red_flag": its message says every flag, its details list them.
 */
export function unflagged<Answer>(
  runtime: NodeRuntime,
  checks: readonly RedFlag<Answer>[],
  answer: Answer,
): Answer {
  const flags = raised(checks, answer);
  if (flags.length === 0) return answer;
  for (const flag of flags) emit(runtime, { type: "red_flag", node: nodeName(runtime), ...flag });
  throw new Fault("llm-recoverable", "red_flag", flags.map(({ message }) => message).join(" "), {
    details: { flags: flags.map(({ code, message }) => ({ code, message })) },
  });
}

/** A check of one's own: a contradiction with the request, a rule of the domain. */
export function redFlag<Answer>(
  code: string,
  check: (answer: Answer) => string | undefined,
): RedFlag<Answer> {
  return { code, check };
}

/**
 * Longer than `limit`, in whatever `lengthOf` counts: tokens, characters, steps. MAKER's final run discarded answers of
 * more than 750 tokens; error rates rose steeply from about 700. What has no length is too long.
 *
 * @throws RangeError for a `limit` below 0, or none.
 */
export function tooLong<Answer>(limit: number, lengthOf: (answer: Answer) => number): RedFlag<Answer> {
  if (!(limit >= 0)) throw new RangeError(`tooLong: limit must be a number from 0, got ${limit}`);
  return redFlag("too_long", (answer) => {
    const length = lengthOf(answer);
    return length <= limit ? undefined : `The answer is too long: ${length}, where ${limit} are allowed.`;
  });
}

/** Not what `parse` takes: it throws, and its message says what is wrong. */
export function wrongFormat<Answer>(parse: (answer: Answer) => unknown): RedFlag<Answer> {
  return redFlag("wrong_format", (answer) => {
    const read = reading(parse, answer);
    return "form" in read
      ? undefined
      : `The answer has the wrong format: ${read.error instanceof Error ? read.error.message : String(read.error)}`;
  });
}

/** `wrongFormat`, and checks of what `parse` makes of an answer: one that cannot be read has the first flag alone. */
export function ofForm<Answer, Form>(
  parse: (answer: Answer) => Form,
  checks: readonly RedFlag<Form>[],
): RedFlag<Answer>[] {
  const onForm = (flag: RedFlag<Form>): RedFlag<Answer> =>
    redFlag(flag.code, (answer) => {
      const read = reading(parse, answer);
      return "form" in read ? flag.check(read.form) : undefined;
    });
  return [wrongFormat(parse), ...checks.map(onForm)];
}

function reading<Answer, Form>(
  parse: (answer: Answer) => Form,
  answer: Answer,
): { form: Form } | { error: unknown } {
  try {
    return { form: parse(answer) };
  } catch (error) {
    return { error };
  }
}

/**
 * Ids and numbers that stand nowhere in what the author was given: words with two digits or more, of whatever script. Small
 * numbers are counts and days. 54, 54.00, USD54 and 54x are the same number, 54k and 54 million are others; amounts are
 * compared to the cent, and upper and lower case are one. Thousands may have commas: other ways of writing numbers (54,00
 * or 1.234,50) are flagged, so that the author writes them as they were given. Not for numbers in words ("fifty-four").
 *
 * @param given - All that the author was given, as JSON or text.
 */
export function unfounded<Answer>(given: unknown, textOf: (answer: Answer) => string): RedFlag<Answer> {
  const facts = new Set(leaves(given).flatMap(wordsIn).flatMap(forms));
  return redFlag("unfounded", (answer) => {
    const stated = wordsIn(textOf(answer)).filter((word) => claim.test(word));
    const without = stated.filter((word) => !forms(word).some((form) => facts.has(form)));
    if (without.length === 0) return undefined;
    return `The answer names ${[...new Set(without)].join(", ")}, which stands nowhere in what was given.`;
  });
}

/** The same step again, which leads nowhere new: 15.7 % of the failures in MAST (arXiv:2503.13657) are such. */
export function repeated<Answer>(
  earlier: readonly string[],
  stepOf: (answer: Answer) => string | undefined,
): RedFlag<Answer> {
  const steps = new Set(earlier);
  return redFlag("repeated_step", (answer) => {
    const step = stepOf(answer);
    return step !== undefined && steps.has(step) ? `This step was taken before: ${step}.` : undefined;
  });
}

/** The texts and numbers in a JSON value, keys of objects too: side by side in an array they are no number together. */
function leaves(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [String(value)];
  if (Array.isArray(value)) return value.flatMap(leaves);
  return Object.entries(value).flatMap(([key, part]) => [key, ...leaves(part)]);
}

/**
 * Words with a digit in them, from their start on, so that a long word costs no more than its length: an answer may be
 * anything. A comma is part of a number only before three digits, and a word that multiplies it is part of it.
 */
const words =
  /(?<![A-Za-z_])#?[A-Za-z_]*\p{Nd}(?:[\p{Nd}.]|,(?=\p{Nd}{3}(?!\p{Nd})))*[\w\p{Nd}]*(?: (?:hundred|thousand|million|billion)\b)?/giu;
/** What is said of one digit alone are counts and days. As given, 5 counts: it may be told as 5.00. */
const claim = /\p{Nd}.*\p{Nd}|\p{Nd} \w/u;
/** In JSON within a text, a line's end is a letter: \n38.03 is no id. */
const escapes = /(?<!\\)\\+(?:[bfnrt]|u[\da-fA-F]{4})/g;

/** Full-width digits and the like are written as plain ones. */
const wordsIn = (text: string): string[] => text.normalize("NFKC").replace(escapes, " ").match(words) ?? [];

/** Larger amounts have no exact cents, and two ids of so many digits could be one number. */
const exactInCents = 1e13;
/** A number with a currency before it, or a unit or the like behind it, but for the units that multiply it. */
const amount = /^(?:usd|eur|gbp|chf|cad|aud|jpy)?([\d.,]+)(?!(?:k|m|b|mn|bn|mio|mrd)$)[a-z]{0,3}$/;

/** A word as text and, where it is an amount, as a number. */
function forms(word: string): string[] {
  const bare = word.replace(/^#/, "").replace(/\.$/, "").toLowerCase();
  const value = Number((amount.exec(bare)?.[1] ?? "x").replaceAll(",", ""));
  return value < exactInCents ? [bare, value.toFixed(2)] : [bare];
}
