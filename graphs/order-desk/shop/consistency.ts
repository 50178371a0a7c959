/**
 * What a shop's files must agree on among each other; the schemas cannot see it.
 *
 * Without these, an action would fail half-way through a ticket with a message about a record nobody asked for.
 */
import type { Order, Product, ShopData, User } from "./records.ts";

/** One thing wrong in a shop folder: where, what, how to mend it. */
export interface Problem {
  file: string;
  record?: string;
  field?: string;
  what: string;
  mend: string;
}

type Report = (record: string, field: string, what: string, mend: string) => void;

/** Every disagreement between the records, in file order. */
export function inconsistencies(shop: ShopData): Problem[] {
  const problems: Problem[] = [];
  const into =
    (file: string): Report =>
    (record, field, what, mend) =>
      problems.push({ file, record, field, what, mend });
  for (const [key, order] of Object.entries(shop.orders)) checkOrder(key, order, shop, into("orders.json"));
  for (const [key, product] of Object.entries(shop.products))
    checkProduct(key, product, into("products.json"));
  const emails = new Map<string, string>();
  for (const [key, user] of Object.entries(shop.users))
    checkUser(key, user, shop, emails, into("users.json"));
  return problems;
}

function checkOrder(key: string, order: Order, shop: ShopData, report: Report): void {
  if (order.order_id !== key)
    report(key, "order_id", `is "${order.order_id}"`, `make it "${key}", the key it stands under`);
  const user = shop.users[order.user_id];
  if (!user) {
    report(
      key,
      "user_id",
      `names "${order.user_id}", who is not in users.json`,
      "add the user or correct the id",
    );
    return;
  }
  if (!user.orders.includes(key)) {
    report(
      key,
      "user_id",
      `names "${order.user_id}", whose orders do not list it`,
      "add it to that user's orders",
    );
  }
  order.payment_history.forEach(({ payment_method_id: method }, at) => {
    if (!user.payment_methods[method]) {
      report(
        key,
        `payment_history.${at}.payment_method_id`,
        `names "${method}", which "${order.user_id}" does not have`,
        "add the method to the user or correct the id",
      );
    }
  });
  order.items.forEach((item, at) => {
    if (!shop.products[item.product_id]) {
      report(
        key,
        `items.${at}.product_id`,
        `names "${item.product_id}", which is not in products.json`,
        "add the product or correct the id",
      );
    }
  });
}

function checkProduct(key: string, product: Product, report: Report): void {
  if (product.product_id !== key)
    report(key, "product_id", `is "${product.product_id}"`, `make it "${key}", the key it stands under`);
  for (const [item, variant] of Object.entries(product.variants)) {
    if (variant.item_id !== item)
      report(
        key,
        `variants.${item}.item_id`,
        `is "${variant.item_id}"`,
        `make it "${item}", the key it stands under`,
      );
  }
}

function checkUser(
  key: string,
  user: User,
  shop: ShopData,
  emails: Map<string, string>,
  report: Report,
): void {
  const email = user.email.toLowerCase();
  const other = emails.get(email);
  if (other !== undefined)
    report(
      key,
      "email",
      `is also that of "${other}"`,
      "give each user an email of their own: it identifies them",
    );
  emails.set(email, key);
  for (const [id, method] of Object.entries(user.payment_methods)) {
    if (method.id !== id)
      report(
        key,
        `payment_methods.${id}.id`,
        `is "${method.id}"`,
        `make it "${id}", the key it stands under`,
      );
  }
  user.orders.forEach((id, at) => {
    if (shop.orders[id]?.user_id !== key)
      report(
        key,
        `orders.${at}`,
        `lists "${id}", which is no order of theirs in orders.json`,
        "add the order or take it off the list",
      );
  });
}
