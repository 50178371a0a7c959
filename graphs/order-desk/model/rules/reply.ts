/** The reply writer by rules: every number and id is copied from the outcome or the facts. */
import type { Fact, Money, Outcome, Refusal } from "../../prompts/index.ts";
import type { Action } from "../../tools/action.ts";
import { type ShopFacts, shopFacts } from "./shop-facts.ts";

export interface ReplyView {
  facts: readonly Fact[];
  outcome: Outcome;
  refusals: readonly Refusal[];
}

export function reply({ facts: read, outcome, refusals }: ReplyView): string {
  const facts = shopFacts(read);
  const [user] = facts.users.values();
  const lines = [
    user ? `Dear ${user.name.first_name},` : "Hello,",
    ...outcome.done.map(({ action, money }) => [`${deed(action, facts)}.`, ...money.map(moved)].join(" ")),
    ...outcome.undone.map(
      (action) => `We had to take this back: ${deed(action, facts)}. It is as it was before.`,
    ),
    ...outcome.stuck.map(
      (action) => `This could not be taken back yet: ${deed(action, facts)}. Our staff are looking after it.`,
    ),
    ...outcome.declined.map(
      ({ request, reason }) => `We could not do this: ${sentence(request)} ${sentence(reason)}`,
    ),
  ];
  if (lines.length === 1) lines.push("Nothing was changed.");
  const text = [...lines, "Kind regards, your order desk"].join("\n");
  // What these rules may have to leave out is an order that the customer named: they copy nothing else of the ticket.
  if (refusals.length === 0) return text;
  return text.replace(/(?:order )?(#W\d+)/g, (words, id) =>
    user?.orders.includes(id) ? words : "an order that is not yours",
  );
}

function deed(action: Action, facts: ShopFacts): string {
  switch (action.name) {
    case "cancel_pending_order":
      return `Order ${action.arguments.order_id} is cancelled (${action.arguments.reason})`;
    case "modify_pending_order_address":
      return `Order ${action.arguments.order_id} will go to ${addressLine(action.arguments)}`;
    case "modify_user_address":
      return `Your default address is now ${addressLine(action.arguments)}`;
    case "modify_pending_order_payment":
      return `Order ${action.arguments.order_id} is now paid with ${action.arguments.payment_method_id}`;
    case "return_delivered_order_items": {
      const { order_id, item_ids, payment_method_id } = action.arguments;
      return `The return of ${itemNames(order_id, item_ids, facts)} from order ${order_id} is on its way; the refund goes to ${payment_method_id}`;
    }
    case "modify_pending_order_items":
    case "exchange_delivered_order_items": {
      const { order_id, item_ids, new_item_ids, payment_method_id } = action.arguments;
      const verb = action.name === "modify_pending_order_items" ? "is changed" : "is being exchanged";
      const ids = item_ids.map((id, index) => `${id} to ${new_item_ids[index]}`).join(", ");
      return `In order ${order_id}, ${itemNames(order_id, item_ids, facts)} ${verb} (item ${ids}; any price difference through ${payment_method_id})`;
    }
  }
}

function itemNames(orderId: string, itemIds: readonly string[], { orders }: ShopFacts): string {
  const items = orders.get(orderId)?.items ?? [];
  return itemIds
    .map((id) => `the ${items.find(({ item_id }) => item_id === id)?.name ?? `item ${id}`}`)
    .join(" and ");
}

function moved({ method, kind, amount }: Money): string {
  return `${amount.toFixed(2)} ${kind === "charge" ? "is charged to" : "is refunded to"} ${method}.`;
}

function addressLine({
  address1,
  address2,
  city,
  state,
  zip,
  country,
}: Record<"address1" | "address2" | "city" | "state" | "zip" | "country", string>): string {
  return [address1, address2, city, `${state} ${zip}`, country].filter((part) => part !== "").join(", ");
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
