/** Reads, out of the refusals in a planner's prompt, which actions were refused and why. */
import { z } from "zod";
import type { Refusal } from "../../prompts/index.ts";
import { canonical, canonicalPlan } from "../../tools/canonical.ts";

const refusedSchema = z.object({
  refused: z.array(z.object({ action: z.unknown(), reason: z.string() })).min(1),
});

const planSchema = z.object({ plan: z.object({ actions: z.array(z.unknown()) }) });

/** About one answer, which these rules get right; a stand-in that cuts its answers short causes them. */
const aboutForm = new Set(["malformed_answer", "bad_arguments", "red_flag"]);

export interface Refused {
  /** Reasons by {@link canonical} action. */
  reasons: Map<string, string>;
  /** What was said without naming an action or a plan; the latest. */
  unplaced?: string;
  /** What was said of whole plans, by their {@link canonicalPlan}. */
  plans: Map<string, string>;
}

export function refusedActions(refusals: readonly Refusal[]): Refused {
  const found: Refused = { reasons: new Map(), plans: new Map() };
  for (const { code, message, details } of refusals) {
    const parsed = refusedSchema.safeParse(details);
    if (parsed.success) {
      for (const { action, reason } of parsed.data.refused) found.reasons.set(canonical(action), reason);
      continue;
    }
    const whole = planSchema.safeParse(details);
    if (whole.success) found.plans.set(canonicalPlan(whole.data.plan), message);
    else if (!aboutForm.has(code)) found.unplaced = message;
  }
  return found;
}
