/** Replace items of a pending order; the difference in price is paid or given back at once. */
import { toCents } from "../../shop/money.ts";
import type { Order, Records } from "../../shop/records.ts";
import type { ArgumentsOf } from "../action.ts";
import { changesOf, type Effectuation } from "../effectuation.ts";
import { differenceInWords, swapInWords, swapItems } from "./item-swap.ts";
import { requireCover, take } from "./payment.ts";
import { ownMethod, ownOrder } from "./refusal.ts";

export async function changeItems(
  records: Records,
  userId: string,
  args: ArgumentsOf<"modify_pending_order_items">,
): Promise<Effectuation> {
  const { order, user } = await ownOrder(records, userId, args.order_id, "pending");
  const method = ownMethod(user, args.payment_method_id);
  const { items, difference } = await swapItems(records, order, args);
  requireCover(method, difference);
  const { user: paying, money } = take(user, method, difference);
  const after: Order = {
    ...order,
    items,
    status: "pending (item modified)",
    payment_history: [
      ...order.payment_history,
      {
        transaction_type: difference > 0 ? "payment" : "refund",
        // Not rounded, and written also when it is nothing: so the shop's records have it.
        amount: Math.abs(difference),
        payment_method_id: method.id,
      },
    ],
  };
  return {
    action: "modify_pending_order_items",
    summary: `Change items of order ${order.order_id}: ${swapInWords(args)}; ${differenceInWords(difference, method.id)}`,
    changes: changesOf({ order: [order, after], user: [userId, user, paying] }),
    money,
    atStake: Math.abs(toCents(difference)),
  };
}
