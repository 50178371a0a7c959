/** Which of the ticket's wishes an action fulfils. An action on items may fulfil several wishes on one order. */
import { isDeepStrictEqual } from "node:util";
import { type Address, addressSchema, type Order, type OrderItem } from "../../shop/records.ts";
import type { Action } from "../../tools/action.ts";
import { equalOptions, hasOptions } from "./find-item.ts";
import { fits, originalMethod, paymentIn } from "./find-payment.ts";
import { itemOf } from "./groundless.ts";
import { explain, names } from "./phrase.ts";
import { addressIn, reasonIn } from "./sentence-parts.ts";
import type { ShopFacts } from "./shop-facts.ts";
import type { OrderWish, WantedChange, WantedItem, WantedPayment, Wish } from "./wish.ts";

export interface Evidence {
  customerId: string;
  facts: ShopFacts;
  /** What people answered; each may fill in what a wish leaves open. */
  answers: readonly string[];
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
        (wish) => wish.kind === "cancel" && [wish.reason, ...evidence.answers.map(reasonIn)].includes(reason),
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
  if (answers.some((answer) => names(answer, item.name) || answer.includes(item.item_id))) return true;
  if ("phrase" in want) return names(want.phrase, item.name);
  return item.name === want.product && hasOptions(item.options, want.options);
}

/** The new item is the old one but for what the wish says, or the wish as an answer amended it. */
function isChange(
  { old, newId }: { old: OrderItem | undefined; newId: string },
  { item, to }: WantedChange,
  evidence: Evidence,
): boolean {
  if (!old || !isItem(old, item, evidence)) return false;
  const variants = evidence.facts.products.get(old.product_id)?.variants ?? {};
  const chosen = newId === old.item_id ? old : variants[newId];
  if (!chosen) return false;
  const known = Object.values(variants).map(({ options }) => options);
  const said = (words: string) => explain(words, old.name, known).options;
  const asked =
    "phrase" in to ? said(to.phrase) : Object.fromEntries(to.options.map(({ key, value }) => [key, value]));
  return ["", ...evidence.answers].some((answer) =>
    equalOptions(chosen.options, { ...old.options, ...asked, ...said(answer) }),
  );
}

function paysWith(
  id: string,
  wanted: WantedPayment | undefined,
  order: Order,
  { customerId, facts, answers }: Evidence,
): boolean {
  const method = facts.users.get(customerId)?.payment_methods[id];
  return [wanted, ...answers.map(paymentIn)].some(
    (named) =>
      named &&
      ("original" in named ? originalMethod(order) === id : method !== undefined && fits(method, named)),
  );
}

function sameAddress(given: Address, wanted: Partial<Address>, { answers }: Evidence): boolean {
  return [undefined, ...answers.map(addressIn)].some((answer) => {
    const whole = addressSchema.safeParse({ ...wanted, ...answer });
    return whole.success && isDeepStrictEqual(addressSchema.strip().parse(given), whole.data);
  });
}
