/** What model providers say by code, and what LangChain and LangGraph say by `lc_error_code`. */
import type { Category } from "../category.ts";
import { read, readText } from "../read.ts";
import { type Rule, snakeCase } from "../verdict.ts";

/**
 * An account that is used up answers 429, and LangChain stamps it as a rate limit.
 * Unexpected, since no wait brings back money: the operator tops it up, and `invoke(null)` runs the node again.
 */
const quotaCodes: ReadonlySet<string> = new Set([
  "insufficient_quota",
  "billing_hard_limit_reached",
  "billing_not_active",
]);

/** An error in the middle of a stream comes after the status 200, with a code only. */
const streamCodes: ReadonlySet<string> = new Set(["rate_limit_exceeded", "server_error"]);

/** Of LangChain's and LangGraph's codes those that are not the developer's to mend. */
const langChainCodes: Readonly<Record<string, Category>> = {
  MODEL_RATE_LIMIT: "transient",
  OUTPUT_PARSING_FAILURE: "llm-recoverable",
};

/** Unexpected: no money left. Asked before the status. */
export const quotaRule: Rule = (thrown) => {
  const code = providerCodesOf(thrown).find((code) => quotaCodes.has(code));
  return code === undefined ? undefined : { category: "unexpected", code };
};

/** Transient: the provider failed or throttled in mid-stream. Asked after the status, which knows Retry-After. */
export const streamRule: Rule = (thrown) => {
  const code = providerCodesOf(thrown).find((code) => streamCodes.has(code));
  return code === undefined ? undefined : { category: "transient", code };
};

/** Unexpected, unless listed: INVALID_TOOL_RESULTS, MISSING_CHECKPOINTER, INVALID_CONCURRENT_GRAPH_UPDATE and so on. */
export const langChainRule: Rule = (thrown) => {
  const code = readText(thrown, "lc_error_code");
  if (code === undefined) return undefined;
  const category = Object.hasOwn(langChainCodes, code) ? langChainCodes[code] : undefined;
  return { category: category ?? "unexpected", code: snakeCase(code) };
};

/** The SDK copies `code` and `type` from the body; other clients keep the body as `error`. */
function providerCodesOf(thrown: unknown): string[] {
  const body = read(thrown, "error");
  return [thrown, body]
    .flatMap((source) => [readText(source, "code"), readText(source, "type")])
    .filter((code) => code !== undefined);
}
