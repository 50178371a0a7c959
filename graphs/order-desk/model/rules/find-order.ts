/** Finds the order that a wish is about, among the customer's own and never among another's. */
import type { Order, User } from "../../shop/records.ts";
import { names } from "./phrase.ts";
import type { ShopFacts } from "./shop-facts.ts";
import type { Ask, Step } from "./step.ts";
import type { OrderWish, WantedItem } from "./wish.ts";

export function findOrder(user: User, wish: OrderWish, facts: ShopFacts, ask: Ask): Step<Order> {
  const id =
    wish.order === undefined
      ? orderMeant(user, wish, facts, ask)
      : orderNamed(user, wish.order, wish.words, ask);
  return "value" in id ? readOrder(id.value, facts) : id;
}

function readOrder(id: string, facts: ShopFacts): Step<Order> {
  const order = facts.orders.get(id);
  if (order) return { value: order };
  return { read: { name: "get_order_details", args: { order_id: id } } };
}

function orderNamed(user: User, id: string, words: string, ask: Ask): Step<string> {
  if (user.orders.includes(id)) return { value: id };
  return ask(
    `${id} is no order of yours. Yours are: ${user.orders.join(", ")}. Which one do you mean in "${words}"?`,
    (answer) => ownOrderIn(answer, user),
  );
}

/** No order was named: the one order that the wish can be about, else a question. Reads the orders for that. */
function orderMeant(user: User, wish: OrderWish, facts: ShopFacts, ask: Ask): Step<string> {
  const orders: Order[] = [];
  for (const id of user.orders) {
    const order = readOrder(id, facts);
    if (!("value" in order)) return order;
    orders.push(order.value);
  }
  const possible = orders.filter((order) => canBeAbout(wish, order));
  const [only] = possible;
  if (only && possible.length === 1) return { value: only.order_id };
  const listed = (possible.length > 0 ? possible : orders).map(describeOrder).join("; ");
  return ask(`Which order do you mean in "${wish.words}"? Yours are: ${listed}.`, (answer) =>
    ownOrderIn(answer, user),
  );
}

function canBeAbout(wish: OrderWish, order: Order): boolean {
  switch (wish.kind) {
    case "cancel":
    case "order_address":
    case "order_payment":
      return order.status === "pending";
    case "return":
      return (
        order.status === "delivered" && (wish.items === "all" || wish.items.every((item) => has(order, item)))
      );
    case "change_items":
      return (
        ["pending", "delivered"].includes(order.status) && wish.items.every(({ item }) => has(order, item))
      );
  }
}

function has(order: Order, want: WantedItem): boolean {
  return order.items.some(({ name }) =>
    "phrase" in want ? names(want.phrase, name) : name === want.product,
  );
}

function ownOrderIn(text: string, user: User): string | undefined {
  const named = user.orders.filter((id) => new RegExp(`\\b${id.replace(/\W/g, "")}\\b`, "i").test(text));
  return named.length === 1 ? named[0] : undefined;
}

function describeOrder({ order_id, status, items }: Order): string {
  return `${order_id} (${status}: ${items.map(({ name }) => name).join(", ")})`;
}
