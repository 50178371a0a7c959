/** The gates: code that tries the draft on the customer's records, in order, before anything is written. */
import { Fault } from "#src/faults/index.ts";
import { contextOf, type DeskRuntime } from "../../context.ts";
import type { Resources } from "../../resources.ts";
import { canonicalPlan } from "../../tools/canonical.ts";
import { checkPlan } from "../../tools/plan.ts";
import type { PlanningState, PlanningUpdate } from "./state.ts";

export const gates =
  (resources: Resources) =>
  async ({ draft, customerId }: PlanningState, runtime: DeskRuntime): Promise<PlanningUpdate> => {
    const { shop } = await resources();
    const actions = draft?.actions ?? [];
    const checks = await checkPlan(shop.on(contextOf(runtime).branch), customerId ?? "", actions);
    const refused = checks.flatMap((check, index) =>
      check.allowed ? [] : [{ action: actions[index] ?? null, reason: check.reason }],
    );
    if (refused.length > 0) {
      const reasons = refused.map(({ action, reason }) => `${action?.name}: ${reason}`).join("; ");
      throw new Fault("llm-recoverable", "refused_by_shop", reasons, { details: { refused } });
    }
    const estimates = checks.flatMap((check) =>
      check.allowed ? [{ summary: check.effectuation.summary, value: check.effectuation.atStake }] : [],
    );
    return { estimates, gated: canonicalPlan({ actions }) };
  };
