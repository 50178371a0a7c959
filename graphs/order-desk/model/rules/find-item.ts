/** Finds, in an order, the items that the customer means, and among a product's variants the one they want. */
import type { Order, OrderItem, Product } from "../../shop/records.ts";
import { explain, names, type Options } from "./phrase.ts";
import type { Ask, Step } from "./step.ts";
import type { NamedOption, WantedItem, WantedVariant } from "./wish.ts";

/**
 * One item of the order for each wanted one. An item may be wanted twice when the order holds it twice.
 * Two items that differ in nothing are one answer; two that differ are a question.
 */
export function findItems(order: Order, wanted: readonly WantedItem[], ask: Ask): Step<OrderItem[]> {
  const left = [...order.items];
  const found: OrderItem[] = [];
  for (const want of wanted) {
    const item = findItem(order, left, want, ask);
    if (!("value" in item)) return item;
    left.splice(left.indexOf(item.value), 1);
    found.push(item.value);
  }
  return { value: found };
}

function findItem(order: Order, left: readonly OrderItem[], want: WantedItem, ask: Ask): Step<OrderItem> {
  const fitting = fittingItems(left, want);
  const [first] = fitting;
  if (first && areOne(fitting)) return { value: first };

  const candidates = first ? fitting : left;
  const choices = candidates.map(describeItem).join("; ");
  const question = first
    ? `Order ${order.order_id} has more than one ${first.name}: ${choices}. Which one do you mean?`
    : `I don't find "${describeWanted(want)}" in order ${order.order_id}. It has: ${choices}. Which one do you mean?`;
  return ask(question, (answer) => {
    const named = candidates.filter(({ item_id }) => answer.includes(item_id));
    const meant = named.length > 0 ? named : fittingItems(candidates, { phrase: answer }, first?.name);
    return areOne(meant) ? meant[0] : undefined;
  });
}

/** @param implied - A product name that goes without saying, because the question was about it. */
function fittingItems(items: readonly OrderItem[], want: WantedItem, implied?: string): OrderItem[] {
  if ("product" in want) {
    return items.filter(({ name, options }) => name === want.product && hasOptions(options, want.options));
  }
  const named = items.filter(({ name }) => name === implied || names(want.phrase, name));
  return named.filter(({ name, options }) => {
    const alike = named.filter((item) => item.name === name).map((item) => item.options);
    const said = explain(want.phrase, name, alike);
    return said.left.length === 0 && !said.contradiction && includes(options, said.options);
  });
}

/** The variant that is like `item` but for what is to differ. */
export function findVariant(product: Product, item: OrderItem, to: WantedVariant, ask: Ask): Step<string> {
  const variants = Object.values(product.variants);
  const available = variants.filter((variant) => variant.available);
  const pick = (changed: Options | undefined): string | undefined =>
    changed &&
    available.find(({ options }) => equalOptions(options, { ...item.options, ...changed }))?.item_id;

  const changed =
    "options" in to ? Object.fromEntries(to.options.map(({ key, value }) => [key, value])) : said(to.phrase);
  const picked = pick(changed);
  if (picked !== undefined) return { value: picked };

  const asked =
    changed === undefined && "phrase" in to
      ? `"${to.phrase}"`
      : describeOptions({ ...item.options, ...changed });
  const choices = available.map(({ options }) => describeOptions(options)).join("; ");
  return ask(
    `I find no ${product.name} (${asked}) that is available. There is: ${choices}. Which one shall it be?`,
    (answer) => {
      const named = available.filter(({ item_id }) => answer.includes(item_id));
      if (named.length === 1) return named[0]?.item_id;
      const more = said(answer);
      return more && Object.keys(more).length > 0 ? pick({ ...changed, ...more }) : undefined;
    },
  );

  function said(phrase: string): Options | undefined {
    const { options, left, contradiction } = explain(
      phrase,
      product.name,
      variants.map((variant) => variant.options),
    );
    return left.length > 0 || contradiction ? undefined : options;
  }
}

export function hasOptions(options: Options, named: readonly NamedOption[]): boolean {
  return named.every(({ key, value }) => options[key] === value);
}

function includes(options: Options, said: Options): boolean {
  return Object.entries(said).every(([key, value]) => options[key] === value);
}

export function equalOptions(a: Options, b: Options): boolean {
  return Object.keys(a).length === Object.keys(b).length && includes(a, b);
}

function areOne(items: readonly OrderItem[]): boolean {
  return new Set(items.map(({ item_id }) => item_id)).size === 1;
}

function describeWanted(want: WantedItem): string {
  if ("phrase" in want) return want.phrase;
  return [want.product, ...want.options.map(({ value }) => value)].join(", ");
}

function describeItem({ name, options }: OrderItem): string {
  return `${name} (${describeOptions(options)})`;
}

function describeOptions(options: Options): string {
  return Object.entries(options)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
}
