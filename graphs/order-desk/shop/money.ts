/**
 * Amounts of money. Records hold numbers with cents; sums of them carry binary noise (6.259999999999998).
 * Compare and move money only after rounding here.
 */
import type { Order, PaymentMethod } from "./records.ts";

/** Rounds to cents. Never returns -0, which JSON would change on the way to the database. */
export function toCents(amount: number): number {
  return Math.round(amount * 100) / 100 + 0;
}

/** "12.50", for people. */
export function inWords(amount: number): string {
  return toCents(amount).toFixed(2);
}

/**
 * What each payment method has paid for the order beyond what it was given back, in the order of first use.
 * Methods that have got everything back are left out.
 */
export function paidBy(order: Order): Map<string, number> {
  const paid = new Map<string, number>();
  for (const { transaction_type, amount, payment_method_id } of order.payment_history) {
    const signed = transaction_type === "payment" ? amount : -amount;
    paid.set(payment_method_id, (paid.get(payment_method_id) ?? 0) + signed);
  }
  return new Map(
    [...paid].map(([method, sum]) => [method, toCents(sum)] as const).filter(([, sum]) => sum > 0),
  );
}

/** True when the money stands in the user's own record; other methods are charged through the payment service. */
export function isGiftCard(method: PaymentMethod): method is Extract<PaymentMethod, { source: "gift_card" }> {
  return method.source === "gift_card";
}
