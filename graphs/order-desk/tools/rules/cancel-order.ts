/** Cancel a pending order: every method gets back what it has paid. */
import { inWords, paidBy, toCents } from "../../shop/money.ts";
import type { Order, Records, Transaction } from "../../shop/records.ts";
import type { ArgumentsOf } from "../action.ts";
import { changesOf, type Effectuation, type MoneyMove } from "../effectuation.ts";
import { take } from "./payment.ts";
import { ownMethod, ownOrder } from "./refusal.ts";

export async function cancelOrder(
  records: Records,
  userId: string,
  args: ArgumentsOf<"cancel_pending_order">,
): Promise<Effectuation> {
  const { order, user } = await ownOrder(records, userId, args.order_id, "pending");
  let paying = user;
  const money: MoneyMove[] = [];
  const refunds: Transaction[] = [];
  for (const [methodId, amount] of paidBy(order)) {
    const taken = take(paying, ownMethod(paying, methodId), -amount);
    paying = taken.user;
    money.push(...taken.money);
    refunds.push({ transaction_type: "refund", amount, payment_method_id: methodId });
  }
  const after: Order = {
    ...order,
    status: "cancelled",
    cancel_reason: args.reason,
    payment_history: [...order.payment_history, ...refunds],
  };
  const back = refunds
    .map(({ amount, payment_method_id }) => `${inWords(amount)} to ${payment_method_id}`)
    .join(", ");
  return {
    action: "cancel_pending_order",
    summary: `Cancel order ${order.order_id} (${args.reason}), refund ${back}`,
    changes: changesOf({ order: [order, after], user: [userId, user, paying] }),
    money,
    atStake: toCents(refunds.reduce((sum, { amount }) => sum + amount, 0)),
  };
}
