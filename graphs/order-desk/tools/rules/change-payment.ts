/** Pay a pending order by another method; the first payment goes back to where it came from. */
import { inWords, toCents } from "../../shop/money.ts";
import type { Order, Records } from "../../shop/records.ts";
import type { ArgumentsOf } from "../action.ts";
import { changesOf, type Effectuation } from "../effectuation.ts";
import { requireCover, take } from "./payment.ts";
import { ownMethod, ownOrder, refusal } from "./refusal.ts";

export async function changePayment(
  records: Records,
  userId: string,
  args: ArgumentsOf<"modify_pending_order_payment">,
): Promise<Effectuation> {
  const { order, user } = await ownOrder(records, userId, args.order_id, "pending");
  const chosen = ownMethod(user, args.payment_method_id);
  const [paid, ...later] = order.payment_history;
  // "The original payment method" means something only while there has been one payment and nothing after it.
  if (!paid || later.length > 0) {
    throw refusal(`the payment of order ${args.order_id} was changed before; that is possible once`);
  }
  if (paid.payment_method_id === chosen.id) {
    throw refusal(`order ${args.order_id} is paid by ${chosen.id} already; choose another method`);
  }
  requireCover(chosen, paid.amount);
  const charged = take(user, chosen, paid.amount);
  const refunded = take(charged.user, ownMethod(user, paid.payment_method_id), -paid.amount);
  const after: Order = {
    ...order,
    payment_history: [
      paid,
      { transaction_type: "payment", amount: paid.amount, payment_method_id: chosen.id },
      { transaction_type: "refund", amount: paid.amount, payment_method_id: paid.payment_method_id },
    ],
  };
  return {
    action: "modify_pending_order_payment",
    summary: `Pay order ${args.order_id} (${inWords(paid.amount)}) by ${chosen.id} instead of ${paid.payment_method_id}`,
    changes: changesOf({ order: [order, after], user: [userId, user, refunded.user] }),
    money: [...charged.money, ...refunded.money],
    atStake: toCents(paid.amount),
  };
}
