/**
 * Checks a whole plan before anything of it is written, for the gates between planner and fulfilment.
 */
import { isFault } from "#src/faults/index.ts";
import type { Order, Records, User } from "../shop/records.ts";
import type { Shop } from "../shop/shop.ts";
import type { Action } from "./action.ts";
import { effectuate } from "./effectuate.ts";
import type { Effectuation } from "./effectuation.ts";
import { recordsOf } from "./write.ts";

export type PlanCheck =
  | { allowed: true; effectuation: Effectuation }
  | { allowed: false; code: string; reason: string };

/**
 * Runs the actions in order on copies of the records: each sees the effects of those allowed before it, none is
 * written. A refused action has no effect on the later ones.
 *
 * @param userId - The customer that is served.
 * @returns One check for each action, in their order.
 * @throws Whatever is no llm-recoverable Fault, such as a lost connection.
 */
export async function checkPlan(
  shop: Shop,
  userId: string,
  actions: readonly Action[],
): Promise<PlanCheck[]> {
  const orders = new Map<string, Order>();
  const users = new Map<string, User>();
  const records: Records = {
    order: async (id) => orders.get(id) ?? (await shop.order(id)),
    product: (id) => shop.product(id),
    user: async (id) => users.get(id) ?? (await shop.user(id)),
  };
  const checks: PlanCheck[] = [];
  for (const action of actions) {
    try {
      const effectuation = await effectuate(records, userId, action);
      const after = recordsOf(effectuation, "after");
      for (const [id, order] of Object.entries(after.orders)) orders.set(id, order);
      for (const [id, user] of Object.entries(after.users)) users.set(id, user);
      checks.push({ allowed: true, effectuation });
    } catch (error) {
      if (!isFault(error) || error.category !== "llm-recoverable") throw error;
      checks.push({ allowed: false, code: error.code, reason: error.message });
    }
  }
  return checks;
}
