/**
 * Whether a thread's money adds up: what the payment service moved, by method, against what the orders' payment
 * histories gained; and what gift cards lost or gained against the same.
 */
import type { OpenResources } from "./resources.ts";
import { serviceTables } from "./services/tables.ts";
import type { Order, User } from "./shop/records.ts";

export interface Balance {
  readonly balanced: boolean;
  /** Charges and refunds together, cancelled ones left out. */
  readonly moved: number;
}

/** A branch that nobody writes to shows every record as given. */
const asGiven = "as given";

export async function balanceOf({ persistence, shop }: OpenResources, thread: string): Promise<Balance> {
  const { transfers } = serviceTables(persistence.schema);
  const { rows } = await persistence.pool.query<{
    kind: "charge" | "refund";
    method: string;
    amount: string;
  }>(`SELECT kind, method, amount FROM ${transfers} WHERE thread = $1 AND cancelled_at IS NULL`, [thread]);
  // By payment method, in cents: what the shop's books gained, less what really came in. Zero when all is well.
  const open = new Map<string, number>();
  const book = (method: string, cents: number) => open.set(method, (open.get(method) ?? 0) + cents);

  for (const { kind, method, amount } of rows)
    book(method, kind === "charge" ? -cents(amount) : cents(amount));
  const { orders = {}, users = {} } = await shop.on(thread).changed();
  const given = shop.on(asGiven);
  for (const [id, order] of Object.entries(orders)) {
    for (const [method, gained] of gainsOf(order)) book(method, gained);
    for (const [method, gained] of gainsOf(await given.order(id))) book(method, -gained);
  }
  for (const [id, user] of Object.entries(users)) {
    // What left a gift card came in.
    for (const [method, held] of giftCardsOf(user)) book(method, held);
    for (const [method, held] of giftCardsOf(await given.user(id))) book(method, -held);
  }
  return {
    balanced: [...open.values()].every((rest) => rest === 0),
    moved: rows.reduce((sum, { amount }) => sum + cents(amount), 0) / 100,
  };
}

function cents(amount: number | string): number {
  return Math.round(Number(amount) * 100);
}

function gainsOf({ payment_history }: Order): [method: string, cents: number][] {
  return payment_history.map(({ transaction_type, amount, payment_method_id }) => [
    payment_method_id,
    transaction_type === "payment" ? cents(amount) : -cents(amount),
  ]);
}

function giftCardsOf({ payment_methods }: User): [method: string, cents: number][] {
  return Object.values(payment_methods).flatMap((method) =>
    method.source === "gift_card" ? [[method.id, cents(method.balance)]] : [],
  );
}
