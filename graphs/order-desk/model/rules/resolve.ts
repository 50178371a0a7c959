/** Makes one action of one wish, with ids from the facts; or says what is missing, to be asked or to be declined. */

import { type Address, addressSchema, type Order, type User } from "../../shop/records.ts";
import type { Action } from "../../tools/action.ts";
import { findItems, findVariant } from "./find-item.ts";
import { findOrder } from "./find-order.ts";
import { findPayment } from "./find-payment.ts";
import { addressIn, reasonIn } from "./sentence-parts.ts";
import type { ShopFacts } from "./shop-facts.ts";
import type { Ask, Step } from "./step.ts";
import type { OrderWish, Wish } from "./wish.ts";

export interface Desk {
  customerId: string;
  user: User;
  facts: ShopFacts;
  ask: Ask;
}

export function resolve(wish: Wish, desk: Desk): Step<Action> {
  if (wish.kind === "default_address") {
    const address = wholeAddress(wish.address, "your default address", desk);
    if (!("value" in address)) return address;
    return action({ name: "modify_user_address", arguments: { user_id: desk.customerId, ...address.value } });
  }
  const order = findOrder(desk.user, wish, desk.facts, desk.ask);
  if (!("value" in order)) return order;
  if (order.value.user_id !== desk.customerId)
    return { decline: `Order ${order.value.order_id} is not yours.` };
  return resolveOrder(wish, order.value, desk);
}

function resolveOrder(wish: OrderWish, order: Order, desk: Desk): Step<Action> {
  const order_id = order.order_id;
  const closed = statusForbids(wish, order);
  if (closed) return closed;

  switch (wish.kind) {
    case "cancel": {
      const reason: Step<"no longer needed" | "ordered by mistake"> = wish.reason
        ? { value: wish.reason }
        : desk.ask(
            `Why is order ${order_id} to be cancelled: no longer needed, or ordered by mistake?`,
            reasonIn,
          );
      if (!("value" in reason)) return reason;
      return action({ name: "cancel_pending_order", arguments: { order_id, reason: reason.value } });
    }
    case "order_payment": {
      const payment = findPayment(desk.user, order, wish.payment, `order ${order_id}`, desk.ask);
      if (!("value" in payment)) return payment;
      const args = { order_id, payment_method_id: payment.value };
      return action({ name: "modify_pending_order_payment", arguments: args });
    }
    case "order_address": {
      const address = wholeAddress(wish.address, `order ${order_id}`, desk);
      if (!("value" in address)) return address;
      return action({ name: "modify_pending_order_address", arguments: { order_id, ...address.value } });
    }
    case "return": {
      const items = wish.items === "all" ? { value: order.items } : findItems(order, wish.items, desk.ask);
      if (!("value" in items)) return items;
      const payment = findPayment(
        desk.user,
        order,
        wish.payment,
        `the refund for order ${order_id}`,
        desk.ask,
      );
      if (!("value" in payment)) return payment;
      const item_ids = items.value.map(({ item_id }) => item_id);
      const args = { order_id, item_ids, payment_method_id: payment.value };
      return action({ name: "return_delivered_order_items", arguments: args });
    }
    case "change_items": {
      const ids = newItems(wish, order, desk);
      if (!("value" in ids)) return ids;
      const purpose = `the price difference on order ${order_id}`;
      const payment = findPayment(desk.user, order, wish.payment, purpose, desk.ask);
      if (!("value" in payment)) return payment;
      const name =
        order.status === "pending" ? "modify_pending_order_items" : "exchange_delivered_order_items";
      return action({ name, arguments: { order_id, ...ids.value, payment_method_id: payment.value } });
    }
  }
}

function newItems(
  wish: Extract<Wish, { kind: "change_items" }>,
  order: Order,
  { facts, ask }: Desk,
): Step<{ item_ids: string[]; new_item_ids: string[] }> {
  const wanted = wish.items.map(({ item }) => item);
  const items = findItems(order, wanted, ask);
  if (!("value" in items)) return items;
  const new_item_ids: string[] = [];
  for (const [index, item] of items.value.entries()) {
    const to = wish.items[index]?.to;
    if (!to || ("options" in to && to.options.length === 0)) {
      new_item_ids.push(item.item_id); // the same item again
      continue;
    }
    const product = facts.products.get(item.product_id);
    if (!product) return { read: { name: "get_product_details", args: { product_id: item.product_id } } };
    const variant = findVariant(product, item, to, ask);
    if (!("value" in variant)) return variant;
    new_item_ids.push(variant.value);
  }
  return { value: { item_ids: items.value.map(({ item_id }) => item_id), new_item_ids } };
}

/** The shop would refuse these; to know it beforehand saves a round. */
function statusForbids(wish: OrderWish, { order_id, status }: Order): Step<never> | undefined {
  const allowed = { return: ["delivered"], change_items: ["pending", "delivered"] } as const;
  const needed: readonly string[] =
    wish.kind in allowed ? allowed[wish.kind as keyof typeof allowed] : ["pending"];
  if (needed.includes(status)) return undefined;
  return {
    decline: `Order ${order_id} is ${status}; this can be done only while it is ${needed.join(" or ")}.`,
  };
}

function wholeAddress(given: Partial<Address>, whose: string, { ask }: Desk): Step<Address> {
  const whole = addressSchema.safeParse(given);
  if (whole.success) return { value: whole.data };
  return ask(
    `What is the whole new address for ${whose}? Please give street, city, state, zip code and country.`,
    (answer) => addressSchema.safeParse({ ...given, ...addressIn(answer) }).data,
  );
}

function action(value: Action): Step<Action> {
  return { value };
}
