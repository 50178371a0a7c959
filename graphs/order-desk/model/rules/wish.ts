/**
 * What a ticket asks for, as the rules understand it. A wish names things as the customer does ("the blue
 * bottle", "my PayPal"); only the planner's rules, with the shop's records before them, make ids of them.
 */
import type { Address } from "../../shop/records.ts";

/** An option the customer named, such as `{ key: "color", value: "blue" }`. */
export interface NamedOption {
  key: string;
  value: string;
}

/** An item named by product and options, or in words that only the order's items can explain: "the blue bottle". */
export type WantedItem = { product: string; options: NamedOption[] } | { phrase: string };

/** What is to differ: options, none meaning the same item again; or words that the product's variants explain. */
export type WantedVariant = { options: NamedOption[] } | { phrase: string };

export interface WantedChange {
  item: WantedItem;
  to: WantedVariant;
}

export type PaymentKind = "gift_card" | "paypal" | "credit_card";

/** A payment method by id, by kind (with a card's last four digits, if given), or the one the order was paid with. */
export type WantedPayment = { id: string } | { kind: PaymentKind; lastFour?: string } | { original: true };

export type CancelReason = "no longer needed" | "ordered by mistake";

interface Common {
  /** The customer's own words, for the reply and for what is declined. */
  words: string;
  /** Undefined when the customer named none. */
  order?: string;
}

export type OrderWish =
  | (Common & { kind: "cancel"; reason?: CancelReason })
  | (Common & { kind: "return"; items: WantedItem[] | "all"; payment?: WantedPayment })
  | (Common & { kind: "change_items"; items: WantedChange[]; payment?: WantedPayment })
  | (Common & { kind: "order_address"; address: Partial<Address> })
  | (Common & { kind: "order_payment"; payment?: WantedPayment });

export type Wish = OrderWish | { kind: "default_address"; words: string; address: Partial<Address> };

/** A ticket as read: what it asks for, and the passages that may ask for more but that no rule could read. */
export interface Reading {
  wishes: Wish[];
  unread: string[];
}
