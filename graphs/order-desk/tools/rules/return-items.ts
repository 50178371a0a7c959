/** Ask to return items of a delivered order. The money flows when the shop has them back, so none moves here. */
import { inWords, isGiftCard, paidBy, toCents } from "../../shop/money.ts";
import type { Order, Records } from "../../shop/records.ts";
import type { ArgumentsOf } from "../action.ts";
import { changesOf, type Effectuation } from "../effectuation.ts";
import { pickLines } from "./item-swap.ts";
import { ownMethod, ownOrder, refusal } from "./refusal.ts";

export async function returnItems(
  records: Records,
  userId: string,
  args: ArgumentsOf<"return_delivered_order_items">,
): Promise<Effectuation> {
  const { order, user } = await ownOrder(records, userId, args.order_id, "delivered");
  const method = ownMethod(user, args.payment_method_id);
  const paid = paidBy(order);
  if (!isGiftCard(method) && !paid.has(method.id)) {
    throw refusal(
      `a refund of order ${order.order_id} goes to ${[...paid.keys()].join(" or ")}, which paid for it, or to a gift card of the customer`,
    );
  }
  const refund = pickLines(order, args.item_ids).reduce(
    (sum, line) => sum + (order.items[line]?.price ?? 0),
    0,
  );
  const after: Order = {
    ...order,
    status: "return requested",
    return_items: [...args.item_ids].sort(),
    return_payment_method_id: method.id,
  };
  return {
    action: "return_delivered_order_items",
    summary: `Ask to return ${args.item_ids.join(", ")} of order ${order.order_id}, refund ${inWords(refund)} to ${method.id}`,
    changes: changesOf({ order: [order, after] }),
    money: [],
    atStake: toCents(refund),
  };
}
