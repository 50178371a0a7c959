/** What is wrong with an action by the facts alone, whatever the ticket says: ids that are none, or another's. */

import type { Order } from "../../shop/records.ts";
import type { Action } from "../../tools/action.ts";
import type { ShopFacts } from "./shop-facts.ts";

export function groundless(action: Action, customerId: string, facts: ShopFacts): string[] {
  if (action.name === "modify_user_address") {
    return action.arguments.user_id === customerId
      ? []
      : [`${action.arguments.user_id} is not the customer.`];
  }
  const { order_id } = action.arguments;
  const order = facts.orders.get(order_id);
  if (!order) return [`${action.name}: order ${order_id} does not stand in the facts.`];
  if (order.user_id !== customerId) return [`${action.name}: order ${order_id} is not this customer's.`];

  const problems: string[] = [];
  if ("payment_method_id" in action.arguments) {
    const id = action.arguments.payment_method_id;
    const own = facts.users.get(customerId)?.payment_methods[id];
    if (!own) problems.push(`${action.name}: payment method ${id} is not this customer's.`);
  }
  if ("item_ids" in action.arguments) {
    problems.push(
      ...action.arguments.item_ids
        .filter((id) => !itemOf(order, id))
        .map((id) => `Item ${id} is not in order ${order_id}.`),
    );
  }
  if ("new_item_ids" in action.arguments) {
    const { item_ids, new_item_ids } = action.arguments;
    for (const [index, id] of new_item_ids.entries())
      problems.push(...badVariant(order, item_ids[index] ?? "", id, facts));
  }
  return problems;
}

function badVariant(order: Order, oldId: string, newId: string, facts: ShopFacts): string[] {
  if (oldId === newId) return [];
  const old = itemOf(order, oldId);
  const variant = old && facts.products.get(old.product_id)?.variants[newId];
  if (!variant) return [`Item ${newId} is not known to be a variant of ${old?.name ?? oldId}.`];
  return variant.available ? [] : [`Item ${newId} is not available.`];
}

export function itemOf(order: Order, id: string): Order["items"][number] | undefined {
  return order.items.find(({ item_id }) => item_id === id);
}
