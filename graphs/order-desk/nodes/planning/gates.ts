/** The gates: code that tries the draft on the customer's records, in order, before anything is written. */
import { contextOf, type DeskRuntime } from "../../context.ts";
import type { Resources } from "../../resources.ts";
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
    const estimates = checks.flatMap((check) =>
      check.allowed ? [{ summary: check.effectuation.summary, value: check.effectuation.atStake }] : [],
    );
    return { refused, estimates };
  };
