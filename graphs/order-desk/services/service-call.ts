/** One call to a service over HTTP, and what its failures mean: the only place that knows status codes. */
import type { z } from "zod";
import { classify, Fault, type Json } from "#src/faults/index.ts";

/** Well above what a slow answer takes, well below what a node may take. */
const timeoutMs = 5_000;

export interface ServiceCall {
  method: "GET" | "POST";
  path: string;
  /** The ticket's thread. */
  thread: string;
  /** Idempotency-Key; every POST needs one. */
  key?: string;
  body?: Json;
  signal?: AbortSignal | undefined;
}

/**
 * @returns The answer's body, checked.
 * @throws Fault transient: no connection, a timeout, 408, 425, 429 or 5xx, with what Retry-After says. Whether the work
 *   was done is unknown; the same key may be sent again.
 * @throws Fault compensable: 402 "payment_declined" and 409 "effect_cancelled". The service's last word, on a plan
 *   that was approved as it stands: what was done of it is to be taken back.
 * @throws Fault unexpected: any other refusal, or an answer of another shape. One side has a bug.
 * @throws `signal.reason` once `signal` is aborted.
 */
export async function callService<T>(url: string, call: ServiceCall, answer: z.ZodType<T>): Promise<T> {
  const { status, headers, text } = await exchange(url, call);
  const where = `${call.method} ${call.path}`;
  if (status >= 300) throw faultOf(status, headers, text, where);
  const parsed = answer.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new Fault("unexpected", "bad_answer", `${where} answered ${status} with a body of another shape`, {
    cause: parsed.error,
  });
}

async function exchange(
  url: string,
  { method, path, thread, key, body, signal }: ServiceCall,
): Promise<{ status: number; headers: Headers; text: string }> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        "content-type": "application/json",
        "x-thread": encodeURIComponent(thread),
        ...(key !== undefined && { "idempotency-key": encodeURIComponent(key) }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (timeout.aborted) {
      throw new Fault("transient", "service_timeout", `${method} ${path} gave no answer in ${timeoutMs} ms`, {
        cause: error,
      });
    }
    throw classify(error);
  }
}

function faultOf(status: number, headers: Headers, text: string, where: string): Fault {
  const message = `${where} answered ${status}${reasonIn(text)}`;
  if (status === 402) return new Fault("compensable", "payment_declined", message);
  if (status === 409) return new Fault("compensable", "effect_cancelled", message);
  return classify(Object.assign(new Error(message), { status, headers }));
}

function reasonIn(text: string): string {
  const body = jsonOf(text);
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  const known = typeof error === "object" && error !== null && "message" in error;
  return known ? `: ${String(error.message)}` : "";
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
