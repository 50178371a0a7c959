/** Tells LangGraph's control flow from failures. A wrapper that catches must rethrow it as it is. */
import { deepestCause, namesOf, read, readText } from "./read.ts";
import { abortNames } from "./rules/names.ts";
import { abortCodes } from "./rules/network.ts";

/**
 * True for an interrupt, a ParentCommand and a drain. With `signal`: also for an abort once that signal is aborted,
 * since then somebody stopped the run; else an abort is a fault like others.
 *
 * LangGraph's own `isGraphBubbleUp` throws on null, and null can be thrown.
 */
export function isControlFlow(error: unknown, signal?: AbortSignal): boolean {
  if (read(error, "is_bubble_up") === true) return true;
  return signal?.aborted === true && isAbort(error, signal.reason);
}

/** Clients wrap an abort: an abort is also what has one for a cause. The bound ends a chain that loops. */
function isAbort(error: unknown, reason: unknown): boolean {
  for (
    let link = error, depth = 0;
    link !== undefined && depth <= deepestCause;
    link = read(link, "cause"), depth++
  ) {
    if (link === reason) return true;
    if (namesOf(link).some((name) => abortNames.has(name))) return true;
    if (abortCodes.has(readText(link, "code") ?? "")) return true;
  }
  return false;
}
