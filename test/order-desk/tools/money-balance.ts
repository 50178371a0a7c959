/** Checks one action's books: what an order says was paid must have come from a gift card or a move outside the shop. */
import { toCents } from "#graphs/order-desk/shop/money.ts";
import type { Effectuation } from "#graphs/order-desk/tools/effectuation.ts";

/** What is left over, in cents, for each payment method: an empty object when the books balance. */
export function moneyImbalance({ changes, money }: Effectuation): Record<string, number> {
  const left = new Map<string, number>();
  const add = (method: string, amount: number) => left.set(method, (left.get(method) ?? 0) + amount);
  for (const { before, after } of Object.values(changes.orders ?? {})) {
    for (const { transaction_type, amount, payment_method_id } of after.payment_history.slice(
      before.payment_history.length,
    )) {
      add(payment_method_id, transaction_type === "payment" ? amount : -amount);
    }
  }
  for (const { before, after } of Object.values(changes.users ?? {})) {
    for (const [id, method] of Object.entries(after.payment_methods)) {
      const was = before.payment_methods[id];
      if (method.source === "gift_card" && was?.source === "gift_card") add(id, method.balance - was.balance);
    }
  }
  for (const { method, kind, amount } of money) add(method, kind === "charge" ? -amount : amount);
  return Object.fromEntries(
    [...left]
      .map(([method, amount]) => [method, toCents(amount)] as const)
      .filter(([, amount]) => amount !== 0),
  );
}
