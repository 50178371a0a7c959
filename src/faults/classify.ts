/**
 * Puts whatever was thrown into one of the five categories, from classes, brands, codes and statuses.
 *
 * The tables are data, one file a source in `rules/`. An error's own word counts first, then its parts (AggregateError:
 * the worst), then its cause. What nobody knows is unexpected. Ask `isControlFlow` before: an interrupt is no fault.
 */
import { isWorse } from "./category.ts";
import { Fault, isFault, parseFaultName } from "./fault.ts";
import { deepestCause, describe, isError, namesOf, read, readText } from "./read.ts";
import { httpRule } from "./rules/http.ts";
import { langChainRule, quotaRule, streamRule } from "./rules/model.ts";
import { connectionRule, nameRule } from "./rules/names.ts";
import { networkRule } from "./rules/network.ts";
import { policyRule } from "./rules/policies.ts";
import { postgresRule } from "./rules/postgres.ts";
import { schemaRule } from "./rules/schema.ts";
import type { Rule, Verdict } from "./verdict.ts";

/** A fault that comes as a cause or a part, or that was rebuilt from a checkpoint, keeps its category. */
const faultRule: Rule = (thrown) => {
  if (!isFault(thrown)) return parseFaultName(readText(thrown, "name") ?? "");
  const { category, code, retryAfterMs, details } = thrown;
  return {
    category,
    code,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(details === undefined ? {} : { details }),
  };
};

/** The more a source says, the earlier it is asked: an empty account before its status 429. */
const rules: readonly Rule[] = [
  faultRule,
  schemaRule,
  nameRule,
  quotaRule,
  policyRule,
  httpRule,
  streamRule,
  langChainRule,
  networkRule,
  postgresRule,
];

type Judgement = Verdict & { message: string };

/**
 * The fault that a thrown thing stands for. A Fault passes through as it is; anything else becomes a new one, with
 * what was thrown as its cause. So does a frozen Fault, which LangGraph would lose (measured on 1.7.3: B12). Never
 * throws, and never writes on what it is given.
 */
export function classify(thrown: unknown): Fault {
  if (isFault(thrown) && Object.isExtensible(thrown)) return thrown;
  const { category, code, message, ...rest } = judge(thrown, new Map(), 0) ?? unknown(thrown);
  return new Fault(category, code, message, { ...rest, cause: thrown });
}

function unknown(thrown: unknown): Judgement {
  return {
    category: "unexpected",
    code: isError(thrown) ? "bug" : "not_an_error",
    message: describe(thrown),
  };
}

/** What was judged so far. An error under judgement stands in it as undefined: that ends a walk that runs in circles. */
type Judged = Map<unknown, Judgement | undefined>;

function judge(thrown: unknown, judged: Judged, depth: number): Judgement | undefined {
  if (depth > deepestCause) return undefined;
  if (judged.has(thrown)) return judged.get(thrown);
  judged.set(thrown, undefined);
  const judgement =
    byRules(rules, thrown) ??
    byParts(thrown, judged, depth + 1) ??
    byCause(thrown, judged, depth + 1) ??
    byRules([connectionRule], thrown);
  judged.set(thrown, judgement);
  return judgement;
}

function byRules(asked: readonly Rule[], thrown: unknown): Judgement | undefined {
  for (const rule of asked) {
    const verdict = rule(thrown);
    if (verdict !== undefined) return { message: describe(thrown), ...verdict };
  }
  return undefined;
}

/** The worst of an AggregateError's parts; with equals the first. It waits as long as the longest of them asks. */
function byParts(thrown: unknown, judged: Judged, depth: number): Judgement | undefined {
  const errors = read(thrown, "errors");
  if (!namesOf(thrown).includes("AggregateError") || !Array.isArray(errors)) return undefined;
  const parts = errors.map((part) => judge(part, judged, depth) ?? unknown(part));
  const [first, ...others] = parts;
  if (first === undefined) return undefined;
  const worst = others.reduce(
    (worst, part) => (isWorse(part.category, worst.category) ? part : worst),
    first,
  );
  const asked = parts.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  const wait = worst.category === "transient" && asked.length > 0;
  return {
    ...worst,
    message: parts.map(({ message }) => message).join("; "),
    ...(wait ? { retryAfterMs: asked.reduce((most, ms) => Math.max(most, ms)) } : {}),
  };
}

function byCause(thrown: unknown, judged: Judged, depth: number): Judgement | undefined {
  const cause = read(thrown, "cause");
  const judgement = cause === undefined || cause === null ? undefined : judge(cause, judged, depth);
  return judgement && { ...judgement, message: withCause(describe(thrown), judgement.message) };
}

/** "fetch failed" alone tells a reader nothing. */
function withCause(message: string, cause: string): string {
  return message.includes(cause) ? message : `${message.replace(/[.:\s]+$/, "")}: ${cause}`;
}
