/** Ask to exchange items of a delivered order. The difference is settled when the shop has them back: no money moves here. */
import { toCents } from "../../shop/money.ts";
import type { Order, Records } from "../../shop/records.ts";
import type { ArgumentsOf } from "../action.ts";
import { changesOf, type Effectuation } from "../effectuation.ts";
import { differenceInWords, swapInWords, swapItems } from "./item-swap.ts";
import { requireCover } from "./payment.ts";
import { ownMethod, ownOrder } from "./refusal.ts";

export async function exchangeItems(
  records: Records,
  userId: string,
  args: ArgumentsOf<"exchange_delivered_order_items">,
): Promise<Effectuation> {
  const { order, user } = await ownOrder(records, userId, args.order_id, "delivered");
  const method = ownMethod(user, args.payment_method_id);
  const { difference } = await swapItems(records, order, args);
  requireCover(method, difference);
  const after: Order = {
    ...order,
    status: "exchange requested",
    // Sorted each for itself, so their places no longer belong together: so the shop's records have it.
    exchange_items: [...args.item_ids].sort(),
    exchange_new_items: [...args.new_item_ids].sort(),
    exchange_payment_method_id: method.id,
    exchange_price_difference: toCents(difference),
  };
  return {
    action: "exchange_delivered_order_items",
    summary: `Ask to exchange items of order ${order.order_id}: ${swapInWords(args)}; ${differenceInWords(difference, method.id)}`,
    changes: changesOf({ order: [order, after] }),
    money: [],
    atStake: Math.abs(toCents(difference)),
  };
}
