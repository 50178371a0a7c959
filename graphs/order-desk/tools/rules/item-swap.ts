/** Items picked from an order, and what replaces them: shared by changing a pending order and exchanging a delivered one. */
import { inWords, toCents } from "../../shop/money.ts";
import type { Order, OrderItem, Records, Variant } from "../../shop/records.ts";
import { refusal } from "./refusal.ts";

/**
 * The order's lines that `itemIds` name, as their places in `order.items`: each id takes a line of its own.
 *
 * @throws Fault llm-recoverable "refused_by_shop" when the order does not hold so many of an item.
 */
export function pickLines(order: Order, itemIds: string[]): number[] {
  const taken = new Set<number>();
  return itemIds.map((itemId) => {
    const line = order.items.findIndex((item, at) => item.item_id === itemId && !taken.has(at));
    if (line < 0) {
      const held = order.items.filter((item) => item.item_id === itemId).length;
      throw refusal(
        held === 0
          ? `item ${itemId} is not in order ${order.order_id}`
          : `order ${order.order_id} holds item ${itemId} ${held} time(s), fewer than were named`,
      );
    }
    taken.add(line);
    return line;
  });
}

export interface ItemSwap {
  /** The order's items with the new variants in the old ones' places. */
  items: OrderItem[];
  /** New prices less old prices, unrounded; positive when the customer pays. */
  difference: number;
}

/**
 * Puts a variant of the same product in the place of each item named.
 *
 * @throws Fault llm-recoverable "refused_by_shop" for an item not in the order, a variant of another product, or
 *   one not in stock; "not_found" for a product the shop no longer has.
 */
export async function swapItems(
  records: Records,
  order: Order,
  { item_ids, new_item_ids }: { item_ids: string[]; new_item_ids: string[] },
): Promise<ItemSwap> {
  const items = [...order.items];
  let difference = 0;
  for (const [at, line] of pickLines(order, item_ids).entries()) {
    const old = order.items[line];
    const newId = new_item_ids[at];
    if (!old || newId === undefined)
      throw new RangeError("swapItems: item_ids and new_item_ids differ in length");
    const variant = await variantOf(records, old, newId);
    items[line] = { ...old, item_id: newId, price: variant.price, options: variant.options };
    difference += variant.price - old.price;
  }
  return { items, difference };
}

async function variantOf(records: Records, old: OrderItem, newId: string): Promise<Variant> {
  const product = await records.product(old.product_id);
  const variant = Object.hasOwn(product.variants, newId) && product.variants[newId];
  if (!variant)
    throw refusal(`item ${newId} is not a variant of ${product.name}, the product of item ${old.item_id}`);
  if (!variant.available) throw refusal(`item ${newId} (${product.name}) is not in stock`);
  return variant;
}

/** "1111 becomes 2222, 3333 becomes 4444" */
export function swapInWords({
  item_ids,
  new_item_ids,
}: {
  item_ids: string[];
  new_item_ids: string[];
}): string {
  return item_ids.map((itemId, at) => `${itemId} becomes ${new_item_ids[at]}`).join(", ");
}

/** "charge 12.50 to paypal_1", "refund 3.00 to paypal_1" or "same price" */
export function differenceInWords(difference: number, methodId: string): string {
  if (toCents(difference) === 0) return "same price";
  return `${difference > 0 ? "charge" : "refund"} ${inWords(Math.abs(difference))} to ${methodId}`;
}
