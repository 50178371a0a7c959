/** The shop's records as far as they were read, picked out of the facts; all that the rules may rest a plan on. */
import type { z } from "zod";
import type { Fact } from "../../prompts/index.ts";
import {
  type Order,
  orderSchema,
  type Product,
  productSchema,
  type User,
  userSchema,
} from "../../shop/records.ts";

export interface ShopFacts {
  users: Map<string, User>;
  orders: Map<string, Order>;
  products: Map<string, Product>;
}

export function shopFacts(facts: readonly Fact[]): ShopFacts {
  const found: ShopFacts = { users: new Map(), orders: new Map(), products: new Map() };
  for (const { tool, args, result } of facts) {
    if (tool === "get_user_details") keep(found.users, userSchema, args.user_id, result);
    if (tool === "get_order_details") keep(found.orders, orderSchema, args.order_id, result);
    if (tool === "get_product_details") keep(found.products, productSchema, args.product_id, result);
  }
  return found;
}

function keep<T>(into: Map<string, T>, schema: z.ZodType<T>, id: unknown, result: unknown): void {
  if (typeof id !== "string") return;
  const record = schema.safeParse(result);
  if (record.success) into.set(id, record.data);
}
