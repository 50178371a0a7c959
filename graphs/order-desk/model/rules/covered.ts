/** Which of the ticket's wishes an action fulfils. An action on items may fulfil several wishes on one order. */
import type { Order, OrderItem } from "../../shop/records.ts";
import type { Action } from "../../tools/action.ts";
import { equalOptions, hasOptions } from "./find-item.ts";
import { fits, originalMethod, paymentIn } from "./find-payment.ts";
import { itemOf } from "./groundless.ts";
import { names, words } from "./phrase.ts";
import { addressIn, reasonIn } from "./sentence-parts.ts";
import type { ShopFacts } from "./shop-facts.ts";
import type { OrderWish, WantedChange, WantedItem, WantedPayment, Wish } from "./wish.ts";

export interface Evidence {
  customerId: string;
  facts: ShopFacts;
  /** What people answered, which may fill in what a wish leaves open. */
  answers: string;
}

/** The wishes fulfilled, none if the action does anything that they don't ask for. */
export function covered(action: Action, wishes: readonly Wish[], evidence: Evidence): Wish[] {
  if (action.name === "modify_user_address") {
    return wishes
      .filter(
        (wish) => wish.kind === "default_address" && sameAddress(action.arguments, wish.address, evidence),
      )
      .slice(0, 1);
  }
  const order = evidence.facts.orders.get(action.arguments.order_id);
  if (!order) return [];
  const about = wishes.filter(
    (wish): wish is OrderWish =>
      wish.kind !== "default_address" && (wish.order ?? order.order_id) === order.order_id,
  );
  const paid = (payment: WantedPayment | undefined): boolean =>
    "payment_method_id" in action.arguments &&
    paysWith(action.arguments.payment_method_id, payment, order, evidence);

  switch (action.name) {
    case "cancel_pending_order": {
      const { reason } = action.arguments;
      return first(
        about,
        (wish) => wish.kind === "cancel" && (wish.reason ?? reasonIn(evidence.answers)) === reason,
      );
    }
    case "modify_pending_order_payment":
      return first(about, (wish) => wish.kind === "order_payment" && paid(wish.payment));
    case "modify_pending_order_address":
      return first(
        about,
        (wish) => wish.kind === "order_address" && sameAddress(action.arguments, wish.address, evidence),
      );
    case "return_delivered_order_items": {
      const asked = about.filter((wish) => wish.kind === "return" && paid(wish.payment));
      const items = asked.flatMap((wish) =>
        wish.kind !== "return" ? [] : wish.items === "all" ? order.items.map(exactly) : wish.items,
      );
      const given = action.arguments.item_ids;
      return matchAll(items, given, (want, id) => isItem(itemOf(order, id), want, evidence)) ? asked : [];
    }
    case "modify_pending_order_items":
    case "exchange_delivered_order_items": {
      const { item_ids, new_item_ids } = action.arguments;
      const asked = about.filter((wish) => wish.kind === "change_items" && paid(wish.payment));
      const items = asked.flatMap((wish) => (wish.kind === "change_items" ? wish.items : []));
      const given = item_ids.map((id, index) => ({
        old: itemOf(order, id),
        newId: new_item_ids[index] ?? "",
      }));
      return matchAll(items, given, (want, pair) => isChange(pair, want, evidence)) ? asked : [];
    }
  }
}

function first(wishes: readonly OrderWish[], fulfils: (wish: OrderWish) => boolean): OrderWish[] {
  const found = wishes.find(fulfils);
  return found ? [found] : [];
}

/** Whether wants and given things pair up one to one. Orders are small, so trying all pairings is cheap. */
function matchAll<W, G>(
  wants: readonly W[],
  given: readonly G[],
  suits: (want: W, given: G) => boolean,
): boolean {
  if (wants.length !== given.length) return false;
  const [want, ...others] = wants;
  if (want === undefined) return true;
  return given.some(
    (thing, index) => suits(want, thing) && matchAll(others, given.toSpliced(index, 1), suits),
  );
}

function exactly({ name, options }: OrderItem): WantedItem {
  return { product: name, options: Object.entries(options).map(([key, value]) => ({ key, value })) };
}

function isItem(item: OrderItem | undefined, want: WantedItem, { answers }: Evidence): boolean {
  if (!item) return false;
  if ("phrase" in want) return names(want.phrase, item.name) || names(answers, item.name);
  if (item.name === want.product && hasOptions(item.options, want.options)) return true;
  return names(answers, item.name) || answers.includes(item.item_id);
}

function isChange(
  pair: { old: OrderItem | undefined; newId: string },
  { item, to }: WantedChange,
  evidence: Evidence,
): boolean {
  const { old, newId } = pair;
  if (!old || !isItem(old, item, evidence)) return false;
  const chosen = newId === old.item_id ? old : evidence.facts.products.get(old.product_id)?.variants[newId];
  if (!chosen) return false;
  const asked = "options" in to ? Object.fromEntries(to.options.map(({ key, value }) => [key, value])) : {};
  if ("options" in to && equalOptions(chosen.options, { ...old.options, ...asked })) return true;
  // Else every difference must have been put in words by the customer.
  const said = words(["phrase" in to ? to.phrase : "", ...Object.values(asked), evidence.answers].join(" "));
  return Object.entries(chosen.options).every(
    ([key, value]) => old.options[key] === value || words(value).every((word) => said.includes(word)),
  );
}

function paysWith(
  id: string,
  wanted: WantedPayment | undefined,
  order: Order,
  { customerId, facts, answers }: Evidence,
): boolean {
  const method = facts.users.get(customerId)?.payment_methods[id];
  return [wanted, paymentIn(answers)].some(
    (named) =>
      named &&
      ("original" in named ? originalMethod(order) === id : method !== undefined && fits(method, named)),
  );
}

function sameAddress(given: object, wanted: object, { answers }: Evidence): boolean {
  const whole = Object.entries({ ...wanted, ...(Object.keys(wanted).length < 6 ? addressIn(answers) : {}) });
  return (
    whole.length > 0 &&
    whole.every(([key, value]) => Object.entries(given).some(([k, v]) => k === key && v === value))
  );
}
