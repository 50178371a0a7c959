/** Reads, out of the refusals in a planner's prompt, which actions were refused and why. */
import { z } from "zod";
import type { Refusal } from "../../prompts/index.ts";

const refusedSchema = z.object({
  refused: z.array(z.object({ action: z.unknown(), reason: z.string() })).min(1),
});

/** About the form of one answer, which these rules get right; a stand-in that cuts its answers short causes them. */
const aboutForm = new Set(["malformed_answer", "bad_arguments"]);

export interface Refused {
  /** Reasons by {@link canonical} action. */
  reasons: Map<string, string>;
  /** What was said of a plan as a whole, or of an action that it does not name; the latest. */
  unplaced?: string;
}

export function refusedActions(refusals: readonly Refusal[]): Refused {
  const found: Refused = { reasons: new Map() };
  for (const { code, message, details } of refusals) {
    const parsed = refusedSchema.safeParse(details);
    if (parsed.success) {
      for (const { action, reason } of parsed.data.refused) found.reasons.set(canonical(action), reason);
    } else if (!aboutForm.has(code)) found.unplaced = message;
  }
  return found;
}

/** One text for equal actions, whatever the order of their keys. */
export function canonical(action: unknown): string {
  return JSON.stringify(action, (_, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
