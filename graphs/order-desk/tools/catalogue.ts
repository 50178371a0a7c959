/**
 * The desk's sixteen tools as a planner is shown them: name, description, arguments.
 *
 * Nothing here runs anything: `read.ts` answers the tools that look, `write.ts` applies those that act. A planner
 * is bound to `readTools` and proposes calls of `writeTools` in a plan.
 */
import { z } from "zod";
import { cancelReasons } from "../shop/records.ts";

// A model can write what Postgres cannot store: it must hear of it, not the database.
const anyText = z
  .string()
  .refine((value) => !/\0|\p{Surrogate}/u.test(value), "must not contain U+0000 or half of a surrogate pair");
const text = anyText.min(1);

const userId = text.describe('Id of a customer, for example "ada_stone_1234"');
const orderId = text.describe('Id of an order, "#" included, for example "#W1234567"');
const methodId = text.describe('Id of one of the customer\'s payment methods, for example "paypal_1234567"');
const itemIds = z.array(text).min(1);
const reason = z.enum(cancelReasons).describe("Why the customer cancels; no other reason is accepted");
const address = {
  address1: text.describe("Street and number"),
  address2: anyText.describe("Flat, suite or floor; empty if there is none"),
  city: text,
  state: text.describe('Two letters, for example "TX"'),
  country: text.describe('For example "USA"'),
  zip: text,
};

const swap = z
  .strictObject({
    order_id: orderId,
    item_ids: itemIds.describe("Items of the order to replace; one that is in it twice may stand here twice"),
    new_item_ids: itemIds.describe(
      "What replaces each of them, in the same places: variants of the same product",
    ),
    payment_method_id: methodId.describe("Pays the difference in price, or receives it"),
  })
  .refine(({ item_ids, new_item_ids }) => item_ids.length === new_item_ids.length, {
    path: ["new_item_ids"],
    message: "must name exactly one new item for each of item_ids",
  });

/** Tools that change no record. */
export const readTools = {
  find_user_id_by_email: {
    description: "Finds out who the customer is by email address. Answers their id.",
    schema: z.strictObject({ email: text }),
  },
  find_user_id_by_name_zip: {
    description: "Finds out who the customer is by name and zip code, where the email address is not known.",
    schema: z.strictObject({
      first_name: text,
      last_name: text,
      zip: text.describe("Zip code of the customer's default address"),
    }),
  },
  get_user_details: {
    description: "Shows a customer's name, address, payment methods with gift card balances, and order ids.",
    schema: z.strictObject({ user_id: userId }),
  },
  get_order_details: {
    description: "Shows an order's status, items, shipping address and payments.",
    schema: z.strictObject({ order_id: orderId }),
  },
  get_product_details: {
    description:
      "Shows every variant of a product with its item id, options, price and whether it is in stock.",
    schema: z.strictObject({
      product_id: z
        .string()
        .min(1)
        .describe("Id of a product, not of an item; orders show both for each item"),
    }),
  },
  list_all_product_types: {
    description: "Lists the names of everything the shop sells with their product ids.",
    schema: z.strictObject({}),
  },
  calculate: {
    description: "Works out a sum of money, rounded to cents.",
    schema: z.strictObject({
      expression: z
        .string()
        .min(1)
        .describe('Numbers, + - * / and parentheses, for example "2 * (3.50 - 1)"'),
    }),
  },
  think: {
    description: "Holds a thought for later steps. Looks nothing up and changes nothing.",
    schema: z.strictObject({ thought: anyText }),
  },
  transfer_to_human_agents: {
    description: "Hands the customer to a person. Only where no other tool can serve the request.",
    schema: z.strictObject({
      summary: text.describe("What the customer wants and what was found out"),
    }),
  },
} as const;

/** Tools that change records, and may move money. */
export const writeTools = {
  cancel_pending_order: {
    description: "Cancels an order that is pending. What was paid goes back to where it came from.",
    schema: z.strictObject({ order_id: orderId, reason }),
  },
  modify_pending_order_address: {
    description: "Sends a pending order to another address. The whole new address is needed.",
    schema: z.strictObject({ order_id: orderId, ...address }),
  },
  modify_pending_order_payment: {
    description:
      "Pays a pending order by another method and gives the first payment back. A gift card must cover the whole order.",
    schema: z.strictObject({
      order_id: orderId,
      payment_method_id: methodId.describe("The method that pays instead"),
    }),
  },
  modify_pending_order_items: {
    description:
      "Replaces items of a pending order by other variants of the same products. Possible once, and the order can be changed or cancelled no more: change address and payment first, and name all items in one call.",
    schema: swap,
  },
  return_delivered_order_items: {
    description:
      "Asks to return items of a delivered order. The refund goes to the method that paid, or to a gift card. Possible once an order: name all items in one call.",
    schema: z.strictObject({
      order_id: orderId,
      item_ids: itemIds.describe("Items to return; one that is in the order twice may stand here twice"),
      payment_method_id: methodId.describe("Receives the refund"),
    }),
  },
  exchange_delivered_order_items: {
    description:
      "Asks to exchange items of a delivered order for other variants of the same products. Possible once an order: name all items in one call.",
    schema: swap,
  },
  modify_user_address: {
    description: "Changes the customer's default address. Orders already placed keep theirs.",
    schema: z.strictObject({ user_id: userId, ...address }),
  },
} as const;

export type ReadToolName = keyof typeof readTools;
export type WriteToolName = keyof typeof writeTools;
