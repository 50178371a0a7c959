/** An order's books: what was paid for it is what its items cost. */
import { Fault } from "#src/faults/index.ts";
import { inWords, netPaid, toCents } from "../../shop/money.ts";
import type { Order } from "../../shop/records.ts";

/**
 * Holds for every order before the first action on it. Where it does not, the records are wrong, and money moved by
 * them would be too: neither model nor customer can mend that, so it is no refusal.
 *
 * @throws Fault unexpected "books_do_not_balance".
 */
export function requireBalancedBooks(order: Order): void {
  const paid = netPaid(order);
  const worth = toCents(order.items.reduce((sum, { price }) => sum + price, 0));
  if (paid === worth) return;
  throw new Fault(
    "unexpected",
    "books_do_not_balance",
    `the items of order ${order.order_id} cost ${inWords(worth)}, but ${inWords(paid)} was paid: mend its items or payment_history`,
    { details: { order: order.order_id, worth, paid } },
  );
}
