/**
 * The shop's records: products, users and orders, as zod schemas and the types made from them.
 *
 * `readShop` checks files against them once; what stands in the database has passed and is not checked again.
 * They are strict: a misspelt field is refused where the file is read, not noticed when a refund goes missing.
 */
import { z } from "zod";

const id = z.string().min(1);
const text = z.string().min(1);
/** In the shop's currency, which has cents. */
const price = z.number().min(0);
const options = z.record(z.string(), z.string());

export const addressSchema = z.strictObject({
  address1: text,
  address2: z.string(),
  city: text,
  state: text,
  country: text,
  zip: text,
});
export type Address = z.infer<typeof addressSchema>;

const variantSchema = z.strictObject({ item_id: id, options, available: z.boolean(), price });
export type Variant = z.infer<typeof variantSchema>;

/** A product type; what a customer buys is one of its variants, named by item id. */
export const productSchema = z.strictObject({
  product_id: id,
  name: text,
  variants: z.record(z.string(), variantSchema),
});
export type Product = z.infer<typeof productSchema>;

const paymentMethodSchema = z.discriminatedUnion("source", [
  z.strictObject({ source: z.literal("gift_card"), id, balance: price }),
  z.strictObject({ source: z.literal("credit_card"), id, brand: text, last_four: text }),
  z.strictObject({ source: z.literal("paypal"), id }),
]);
export type PaymentMethod = z.infer<typeof paymentMethodSchema>;

/** A user's id is the key it stands under; the record itself does not repeat it. */
export const userSchema = z.strictObject({
  name: z.strictObject({ first_name: text, last_name: text }),
  email: z.email(),
  address: addressSchema,
  payment_methods: z.record(z.string(), paymentMethodSchema),
  orders: z.array(id),
});
export type User = z.infer<typeof userSchema>;

const orderItemSchema = z.strictObject({ item_id: id, product_id: id, name: text, price, options });
export type OrderItem = z.infer<typeof orderItemSchema>;

const transactionSchema = z.strictObject({
  transaction_type: z.enum(["payment", "refund"]),
  amount: price,
  payment_method_id: id,
});
export type Transaction = z.infer<typeof transactionSchema>;

export const orderStatuses = [
  "pending",
  "pending (item modified)",
  "processed",
  "delivered",
  "cancelled",
  "return requested",
  "exchange requested",
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export const cancelReasons = ["no longer needed", "ordered by mistake"] as const;

/** The optional fields are written by the actions that the last three statuses name. */
export const orderSchema = z.strictObject({
  order_id: id,
  user_id: id,
  address: addressSchema,
  items: z.array(orderItemSchema).min(1),
  fulfillments: z.array(z.strictObject({ tracking_id: z.array(id), item_ids: z.array(id) })),
  status: z.enum(orderStatuses),
  payment_history: z.array(transactionSchema).min(1),
  cancel_reason: z.enum(cancelReasons).exactOptional(),
  return_items: z.array(id).exactOptional(),
  return_payment_method_id: id.exactOptional(),
  exchange_items: z.array(id).exactOptional(),
  exchange_new_items: z.array(id).exactOptional(),
  exchange_payment_method_id: id.exactOptional(),
  exchange_price_difference: z.number().exactOptional(),
});
export type Order = z.infer<typeof orderSchema>;

/** A whole shop, each table keyed by record id. */
export interface ShopData {
  orders: Record<string, Order>;
  products: Record<string, Product>;
  users: Record<string, User>;
}

/** Reads records by id. Each throws Fault llm-recoverable "not_found" for an id that names nothing. */
export interface Records {
  order(id: string): Promise<Order>;
  product(id: string): Promise<Product>;
  user(id: string): Promise<User>;
}
