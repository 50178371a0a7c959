/** What model providers say by code, and what LangChain's own errors say by `lc_error_code`. */
import { read, readText } from "../read.ts";
import { type Rule, snakeCase, type Verdict } from "../verdict.ts";

/**
 * Codes in a provider's answer that say more than its status. A quota that is used up comes as 429, and LangChain
 * stamps it as a rate limit; no wait brings back money.
 */
export const providerCodes: Readonly<Record<string, Verdict["category"]>> = {
  insufficient_quota: "unexpected",
  billing_hard_limit_reached: "unexpected",
  billing_not_active: "unexpected",
  // in the middle of a stream there is no status
  rate_limit_exceeded: "transient",
  server_error: "transient",
};

/** Of LangChain's codes those that are not the developer's to mend; its HTTP ones are judged by their status. */
export const langChainCodes: Readonly<Record<string, Verdict["category"]>> = {
  OUTPUT_PARSING_FAILURE: "llm-recoverable",
  MODEL_RATE_LIMIT: "transient",
};

export const providerRule: Rule = (thrown) => {
  const body = read(thrown, "error");
  for (const code of [readText(thrown, "code"), readText(body, "code"), readText(thrown, "type")]) {
    const category = code === undefined ? undefined : own(providerCodes, code);
    if (code !== undefined && category !== undefined) return { category, code };
  }
  return undefined;
};

/** Unexpected, unless listed: INVALID_TOOL_RESULTS, MISSING_CHECKPOINTER, INVALID_CONCURRENT_GRAPH_UPDATE and so on. */
export const langChainRule: Rule = (thrown) => {
  const code = readText(thrown, "lc_error_code");
  if (code === undefined) return undefined;
  return { category: own(langChainCodes, code) ?? "unexpected", code: snakeCase(code) };
};

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
