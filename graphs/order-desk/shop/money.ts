/**
 * Amounts of money. Records hold numbers with cents; sums of them carry binary noise (6.259999999999998).
 * Compare and move money only after rounding here.
 */
import type { Order, PaymentMethod, Transaction } from "./records.ts";

/** Rounds to cents. Never returns -0, which JSON would change on the way to the database. */
export function toCents(amount: number): number {
  return Math.round(amount * 100) / 100 + 0;
}

/** "12.50", for people. */
export function inWords(amount: number): string {
  return toCents(amount).toFixed(2);
}

/** What was paid for the order less what was given back, in cents, whichever methods it went through. */
export function netPaid(order: Order): number {
  return toCents(order.payment_history.reduce((sum, transaction) => sum + signed(transaction), 0));
}

/**
 * What each payment method has paid for the order beyond what it was given back, in the order of first use.
 * Methods that have got everything back are left out.
 */
export function paidBy(order: Order): Map<string, number> {
  const paid = new Map<string, number>();
  for (const transaction of order.payment_history) {
    const method = transaction.payment_method_id;
    paid.set(method, (paid.get(method) ?? 0) + signed(transaction));
  }
  return new Map(
    [...paid].map(([method, sum]) => [method, toCents(sum)] as const).filter(([, sum]) => sum > 0),
  );
}

const signed = ({ transaction_type, amount }: Transaction): number =>
  transaction_type === "payment" ? amount : -amount;

/** True when the money stands in the user's own record; other methods are charged through the payment service. */
export function isGiftCard(method: PaymentMethod): method is Extract<PaymentMethod, { source: "gift_card" }> {
  return method.source === "gift_card";
}
