/** What the shop's rules make of a shop, without a database: every record that the actions change, whole. */
import type { Order, Records, ShopData, User } from "#graphs/order-desk/shop/records.ts";
import type { Action } from "#graphs/order-desk/tools/action.ts";
import { effectuate } from "#graphs/order-desk/tools/effectuate.ts";
import type { MoneyMove } from "#graphs/order-desk/tools/effectuation.ts";
import { recordsOf } from "#graphs/order-desk/tools/write.ts";

export interface After {
  changed: { orders?: Record<string, Order>; users?: Record<string, User> };
  money: MoneyMove[];
  /** Of all actions together, as an approval weighs it. */
  atStake: number;
}

/** @throws The shop's refusal of the first action that it does not allow. */
export async function afterActions(
  shop: ShopData,
  userId: string,
  actions: readonly Action[],
): Promise<After> {
  const orders: Record<string, Order> = {};
  const users: Record<string, User> = {};
  const records: Records = {
    order: async (id) => known(orders[id] ?? shop.orders[id], id),
    product: async (id) => known(shop.products[id], id),
    user: async (id) => known(users[id] ?? shop.users[id], id),
  };
  const after: After = { changed: {}, money: [], atStake: 0 };
  for (const action of actions) {
    const effectuation = await effectuate(records, userId, action);
    const written = recordsOf(effectuation, "after");
    Object.assign(orders, written.orders);
    Object.assign(users, written.users);
    after.money.push(...effectuation.money);
    after.atStake += effectuation.atStake;
  }
  if (Object.keys(orders).length > 0) after.changed.orders = orders;
  if (Object.keys(users).length > 0) after.changed.users = users;
  return after;
}

function known<T>(record: T | undefined, id: string): T {
  if (record === undefined) throw new Error(`the shop has no ${id}`);
  return record;
}
