/**
 * What one action does: records before and after, and money moved outside the shop. Plain JSON, since the effect
 * ledger keeps it and the undo reads it back.
 */
import type { Order, User } from "../shop/records.ts";
import type { WriteToolName } from "./catalogue.ts";

/** Money to move through the payment service, in cents' precision. Gift cards are moved in the user's record instead. */
export type MoneyMove = { method: string; kind: "charge" | "refund"; amount: number };

export type Change<T> = { before: T; after: T };

export type Effectuation = {
  action: WriteToolName;
  /** One line for people, in the imperative, so that it reads before and after the deed. */
  summary: string;
  changes: { orders?: Record<string, Change<Order>>; users?: Record<string, Change<User>> };
  /** In the order to make them: charges first, so that a refused card leaves nothing to take back. */
  money: MoneyMove[];
  /** The most money that depends on this action, by whatever method and also if it flows later. For approval limits. */
  atStake: number;
};

/** The records that an action gave a successor. One that it gave back as it was (the same object) is no change. */
export function changesOf(records: {
  order?: [before: Order, after: Order];
  user?: [id: string, before: User, after: User];
}): Effectuation["changes"] {
  const changes: Effectuation["changes"] = {};
  if (records.order) {
    const [before, after] = records.order;
    if (before !== after) changes.orders = { [before.order_id]: { before, after } };
  }
  if (records.user) {
    const [id, before, after] = records.user;
    if (before !== after) changes.users = { [id]: { before, after } };
  }
  return changes;
}
