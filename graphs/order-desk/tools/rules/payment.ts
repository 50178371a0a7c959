/** Taking and giving money: on a gift card in the user's own record, else as a move for the payment service. */
import { inWords, isGiftCard, toCents } from "../../shop/money.ts";
import type { PaymentMethod, User } from "../../shop/records.ts";
import type { MoneyMove } from "../effectuation.ts";
import { refusal } from "./refusal.ts";

/** @throws Fault llm-recoverable "refused_by_shop" when `method` is a gift card with less than `amount` on it. */
export function requireCover(method: PaymentMethod, amount: number): void {
  if (!isGiftCard(method) || method.balance >= toCents(amount)) return;
  throw refusal(
    `gift card ${method.id} holds ${inWords(method.balance)}, which does not cover ${inWords(amount)}`,
  );
}

/**
 * Takes `amount` from a method, or gives it when negative. Nothing moves for less than a cent.
 */
export function take(user: User, method: PaymentMethod, amount: number): { user: User; money: MoneyMove[] } {
  const cents = toCents(amount);
  if (cents === 0) return { user, money: [] };
  if (isGiftCard(method)) {
    const after = { ...method, balance: toCents(method.balance - cents) };
    return { user: { ...user, payment_methods: { ...user.payment_methods, [method.id]: after } }, money: [] };
  }
  const kind = cents > 0 ? "charge" : "refund";
  return { user, money: [{ method: method.id, kind, amount: Math.abs(cents) }] };
}
