/** The last call of a planner by rules: `propose_plan`, with what was refused earlier left out. */
import type { Plan, Refusal } from "../../prompts/index.ts";
import type { Action } from "../../tools/action.ts";
import { canonical, canonicalPlan } from "../../tools/canonical.ts";
import { refusedActions } from "./refusals.ts";
import type { Ask } from "./step.ts";

export interface Call {
  name: string;
  args: Record<string, unknown>;
}

export type Declined = Plan["declined"][number];

/** An action with the customer's words for it. */
export interface Planned {
  action: Action;
  words: string;
}

/** Asks a person; nothing is planned meanwhile. */
export function question(text: string): Call {
  return { name: "propose_plan", args: { actions: [], declined: [], question: text } };
}

/**
 * The plan. An action that the shop refused is named among the declined and the rest is kept: wishes of one
 * ticket don't rest on each other. A plan refused as a whole is not handed in again: a person is asked once, and then
 * everything is declined. What was refused but is no plan of these rules' is not theirs to mend.
 */
export function propose(
  planned: readonly { action: unknown; words: string }[],
  declined: readonly Declined[],
  refusals: readonly Refusal[],
  ask: Ask,
): Call {
  const refused = refusedActions(refusals);
  const asPlanned = planned.filter(({ action }) => !refused.reasons.has(canonical(action)));
  const general =
    refused.unplaced ?? refused.plans.get(canonicalPlan({ actions: asPlanned.map(({ action }) => action) }));
  if (general !== undefined) {
    const step = ask(`My plan was refused: ${general} What shall I do instead?`, () => undefined);
    if ("ask" in step) return question(step.ask);
  }
  const actions: unknown[] = [];
  const all = [...declined];
  for (const { action, words } of planned) {
    const reason = general ?? refused.reasons.get(canonical(action));
    if (reason === undefined) actions.push(action);
    else all.push({ request: words, reason });
  }
  return { name: "propose_plan", args: { actions, declined: all } };
}
