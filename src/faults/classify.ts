/** PLACEHOLDER by LEAD until KIT's version lands: overwrite freely. */
import { isGraphBubbleUp } from "@langchain/langgraph";
import { type Category, categories, Fault, isFault } from "./fault.ts";
export function isControlFlow(error: unknown, signal?: AbortSignal): boolean {
  if (isGraphBubbleUp(error)) return true;
  return (
    signal?.aborted === true &&
    (error === signal.reason || (error as Error | undefined)?.name === "AbortError")
  );
}
export function classify(error: unknown): Fault {
  if (isFault(error)) return error;
  const name = error instanceof Error ? error.name : "";
  const [, category, code] = /^Fault:([a-z-]+):(.+)$/.exec(name) ?? [];
  const message = error instanceof Error ? error.message : String(error);
  if (category !== undefined && code !== undefined && (categories as readonly string[]).includes(category)) {
    return new Fault(category as Category, code, message, { cause: error });
  }
  const status = (error as { status?: unknown } | undefined)?.status;
  if (typeof status === "number" && (status === 408 || status === 429 || status >= 500)) {
    const header = (error as { headers?: Headers }).headers?.get?.("retry-after");
    return new Fault("transient", `http_${status}`, message, {
      cause: error,
      ...(header ? { retryAfterMs: Number(header) * 1000 } : {}),
    });
  }
  if (name === "NodeTimeoutError") return new Fault("transient", "node_timeout", message, { cause: error });
  if (/ECONNRESET|ECONNREFUSED|UND_ERR/.test(String((error as { code?: unknown } | undefined)?.code ?? "")))
    return new Fault("transient", "econnreset", message, { cause: error });
  if (/APIConnection/.test((error as Error | undefined)?.constructor?.name ?? ""))
    return new Fault("transient", "connection", message, { cause: error });
  return new Fault("unexpected", "bug", message, { cause: error });
}
