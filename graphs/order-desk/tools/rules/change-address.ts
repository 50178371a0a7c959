/** Addresses: where a pending order goes, and a customer's default. Neither moves money. */
import type { Address, Records } from "../../shop/records.ts";
import type { ArgumentsOf } from "../action.ts";
import { changesOf, type Effectuation } from "../effectuation.ts";
import { ownOrder, refusal } from "./refusal.ts";

export async function changeOrderAddress(
  records: Records,
  userId: string,
  { order_id, ...address }: ArgumentsOf<"modify_pending_order_address">,
): Promise<Effectuation> {
  const { order } = await ownOrder(records, userId, order_id, "pending");
  return {
    action: "modify_pending_order_address",
    summary: `Send order ${order_id} to ${inOneLine(address)}`,
    changes: changesOf({ order: [order, { ...order, address }] }),
    money: [],
    atStake: 0,
  };
}

export async function changeUserAddress(
  records: Records,
  userId: string,
  { user_id, ...address }: ArgumentsOf<"modify_user_address">,
): Promise<Effectuation> {
  if (user_id !== userId) throw refusal(`customer ${userId} cannot change the address of ${user_id}`);
  const user = await records.user(user_id);
  return {
    action: "modify_user_address",
    summary: `Change the default address of ${user_id} to ${inOneLine(address)}`,
    changes: changesOf({ user: [user_id, user, { ...user, address }] }),
    money: [],
    atStake: 0,
  };
}

function inOneLine({ address1, address2, city, state, zip, country }: Address): string {
  return [address1, address2, city, `${state} ${zip}`, country].filter(Boolean).join(", ");
}
