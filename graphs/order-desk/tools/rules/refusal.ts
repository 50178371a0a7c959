/** Refusals, and the checks that most actions share. A reason is written for the model that must mend its plan. */
import { Fault, type Json } from "#src/faults/index.ts";
import type { Order, OrderStatus, PaymentMethod, Records, User } from "../../shop/records.ts";
import { requireBalancedBooks } from "./books.ts";

/** The shop's no: llm-recoverable "refused_by_shop". */
export function refusal(reason: string, details?: { [key: string]: Json }): Fault {
  return new Fault("llm-recoverable", "refused_by_shop", reason, details && { details });
}

/**
 * The order and its owner, who must be the customer that is served, in the status that the action needs.
 *
 * @throws Fault llm-recoverable "not_found" or "refused_by_shop"; unexpected "books_do_not_balance".
 */
export async function ownOrder(
  records: Records,
  userId: string,
  orderId: string,
  status: OrderStatus,
): Promise<{ order: Order; user: User }> {
  const order = await records.order(orderId);
  if (order.user_id !== userId) throw refusal(`order ${orderId} is not an order of customer ${userId}`);
  if (order.status !== status) {
    throw refusal(`order ${orderId} is "${order.status}"; this is possible for "${status}" orders only`);
  }
  requireBalancedBooks(order);
  return { order, user: await records.user(userId) };
}

/** @throws Fault llm-recoverable "refused_by_shop" when the customer has no such method. */
export function ownMethod(user: User, methodId: string): PaymentMethod {
  // A model may call a method "constructor": only the record's own keys count.
  const method = Object.hasOwn(user.payment_methods, methodId) && user.payment_methods[methodId];
  if (method) return method;
  const known = Object.keys(user.payment_methods).join(", ");
  throw refusal(`the customer has no payment method ${methodId}; there are: ${known}`);
}
