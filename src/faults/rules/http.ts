/** Errors that carry an HTTP status, whoever threw them: the OpenAI SDK, axios, undici, a service's own client. */
import { parseRetryAfter } from "../../retry/index.ts";
import type { Category } from "../category.ts";
import { read } from "../read.ts";
import type { Rule } from "../verdict.ts";

/** The statuses below 500 that a later try may mend. The rest of 4xx says that the request itself is wrong. */
const transientStatuses: Readonly<Record<number, string>> = {
  408: "the server gave up waiting for the request",
  425: "too early: the server will not risk a replay yet",
  429: "too many requests",
};

function categoryOfStatus(status: number): Category {
  return status >= 500 || status in transientStatuses ? "transient" : "unexpected";
}

/** Transient: 408, 425, 429 and all 5xx. Unexpected: the rest of 4xx. */
export const httpRule: Rule = (thrown) => {
  const response = read(thrown, "response");
  const status = [read(thrown, "status"), read(thrown, "statusCode"), read(response, "status")].find(
    isFailure,
  );
  if (status === undefined) return undefined;
  const category = categoryOfStatus(status);
  const retryAfterMs = category === "transient" ? retryAfterOf(thrown, response) : undefined;
  return { category, code: `http_${status}`, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
};

function isFailure(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599;
}

/** `retry-after-ms` first: OpenAI and Azure send both, and it is the finer one. */
function retryAfterOf(thrown: unknown, response: unknown): number | undefined {
  for (const headers of [read(thrown, "headers"), read(response, "headers")]) {
    const ms = headerOf(headers, "retry-after-ms");
    if (ms !== undefined && /^\d+(\.\d+)?$/.test(ms.trim()))
      return Math.min(Number(ms), Number.MAX_SAFE_INTEGER);
    const parsed = parseRetryAfter(headerOf(headers, "retry-after"), Date.now());
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

/** From `Headers`, or from a plain object with names in any case. */
function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  try {
    const value =
      headers instanceof Headers
        ? headers.get(name)
        : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
    return value === undefined || value === null ? undefined : String(value);
  } catch {
    return undefined;
  }
}
