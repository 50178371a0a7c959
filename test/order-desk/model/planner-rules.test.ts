import { describe, expect, it } from "vitest";
import { answerByRules } from "#graphs/order-desk/model/rules/index.ts";
import type { ShopData } from "#graphs/order-desk/shop/records.ts";
import { runDesk } from "./desk-simulation.ts";

const me = "I'm Ann Lee, ann@example.org.";
const mug = (item_id: string, color: string, size: string, available = true) => ({
  item_id,
  options: { color, size },
  available,
  price: 10,
});
const variants = [
  mug("11", "blue", "small"),
  mug("12", "red", "small"),
  mug("13", "green", "small", false),
  mug("14", "red", "large"),
];
const item = ({ item_id, options, price }: (typeof variants)[number]) => ({
  name: "Mug",
  product_id: "1",
  item_id,
  options,
  price,
});
const order = (order_id: string, status: "pending" | "delivered", items: ReturnType<typeof item>[]) => ({
  order_id,
  user_id: "ann_lee_1",
  status,
  address: { address1: "1 Elm St", address2: "", city: "Austin", state: "TX", country: "USA", zip: "78701" },
  items,
  fulfillments: [],
  payment_history: [
    { transaction_type: "payment" as const, amount: 10 * items.length, payment_method_id: "paypal_1" },
  ],
});
const [blue, red] = variants.map(item);
if (!blue || !red) throw new Error("unreachable");
const orders = [
  order("#W1", "pending", [blue]),
  order("#W2", "delivered", [blue, red]),
  order("#W3", "delivered", [blue]),
];
const shop: ShopData = {
  orders: Object.fromEntries(orders.map((each) => [each.order_id, each])),
  products: {
    "1": {
      product_id: "1",
      name: "Mug",
      variants: Object.fromEntries(variants.map((each) => [each.item_id, each])),
    },
  },
  users: {
    ann_lee_1: {
      name: { first_name: "Ann", last_name: "Lee" },
      email: "ann@example.org",
      address: orders[0]?.address ?? {
        address1: "",
        address2: "",
        city: "",
        state: "",
        country: "",
        zip: "",
      },
      payment_methods: {
        paypal_1: { source: "paypal", id: "paypal_1" },
        gift_card_1: { source: "gift_card", id: "gift_card_1", balance: 5 },
      },
      orders: ["#W1", "#W2", "#W3"],
    },
  },
};
const run = (text: string, answers: string[] = []) =>
  runDesk(shop, `${me} ${text}`, (messages) => answerByRules(messages), answers);

describe("the planner's rules", () => {
  it.each([
    ["two items fit", "Return the mug from order #W2 to my PayPal.", "more than one Mug"],
    ["no item fits", "Return the yellow mug from order #W3 to my PayPal.", 'I don\'t find "the yellow mug"'],
    ["no item has the name", "Return the lamp from order #W3 to my PayPal.", 'I don\'t find "the lamp"'],
    [
      "the variant is not available",
      "Exchange the mug in order #W3 for a green one via paypal_1.",
      "I find no Mug (color green, size small)",
    ],
    [
      "the wish uses words that no option knows",
      "Exchange the mug in order #W3 for a fancy one via paypal_1.",
      '"a fancy one"',
    ],
    ["no payment method is named", "Return the mug from order #W3.", "Which payment method"],
    [
      "the payment method is not the customer's",
      "Return the mug from order #W3 via paypal_9.",
      "Which payment method",
    ],
    ["no reason is given", "Cancel order #W1.", "Why is order #W1 to be cancelled"],
    [
      "the order is nobody's or another's",
      "Cancel order #W9 because ordered by mistake.",
      "#W9 is no order of yours",
    ],
    ["several orders may be meant", "Please return the mug to my PayPal.", "Which order do you mean"],
    ["the address is not whole", "Change the address of order #W1 to Boston.", "whole new address"],
    ["a part can't be read", "If it has not shipped, cancel order #W1.", "I can't make out this part"],
    [
      "an order is to be both returned and exchanged",
      "Return the blue mug from order #W2 to my PayPal. Exchange the red mug in order #W2 for a large one via paypal_1.",
      "can be changed once only",
    ],
  ])("asks and changes nothing when %s", async (_, text, question) => {
    const { changed, question: asked } = await run(text);
    expect(asked).toContain(question);
    expect(changed).toEqual({});
  });

  it("takes the one order that a wish can be about, when none is named", async () => {
    const { plan } = await run("Please cancel my order, I no longer need it.");
    expect(plan?.actions).toEqual([
      { name: "cancel_pending_order", arguments: { order_id: "#W1", reason: "no longer needed" } },
    ]);
  });

  it("goes on with the answer to its question", async () => {
    const { plan } = await run("Exchange the mug in order #W3 for a green one via paypal_1.", [
      "Then the red one.",
    ]);
    expect(plan?.actions).toMatchObject([{ arguments: { item_ids: ["11"], new_item_ids: ["12"] } }]);
  });

  it("declines after an answer that settles nothing, and does not ask the same again", async () => {
    const { plan, changed } = await run("Return the mug from order #W2 to my PayPal.", [
      "Whichever you like best.",
    ]);
    expect(plan).toMatchObject({
      actions: [],
      declined: [{ reason: expect.stringContaining("does not settle") }],
    });
    expect(changed).toEqual({});
  });

  it("declines what the status of an order forbids, and does the rest", async () => {
    const { plan } = await run(
      "Cancel order #W3 because ordered by mistake. Cancel order #W1 because ordered by mistake.",
    );
    expect(plan?.actions).toMatchObject([{ arguments: { order_id: "#W1" } }]);
    expect(plan?.declined).toMatchObject([
      { request: expect.stringContaining("#W3"), reason: expect.stringContaining("delivered") },
    ]);
  });

  it("drops what the shop refused, names it as declined and keeps the rest", async () => {
    const { plan, refusals } = await run(
      "For #W1, change payment to gift_card_1. For #W1, modify Mug {'color': 'blue'} to {'color': 'red'}; via paypal_1.",
    );
    expect(refusals).toMatchObject([{ code: "refused_by_shop" }]);
    expect(plan?.actions).toMatchObject([{ name: "modify_pending_order_items" }]);
    expect(plan?.declined).toMatchObject([{ request: "For #W1, change payment to gift_card_1." }]);
  });

  it("brings the items of one order into one action, after the order's other changes", async () => {
    const { plan } = await run(
      "For #W1, modify Mug {} to {'color': 'red'}; via paypal_1. For #W1, change address to {'address1': '2 Oak St', 'address2': '', 'city': 'Austin', 'country': 'USA', 'state': 'TX', 'zip': '78701'}.",
    );
    expect(plan?.actions.map(({ name }) => name)).toEqual([
      "modify_pending_order_address",
      "modify_pending_order_items",
    ]);
    const merged = await run(
      "Return #W2 via paypal_1: Mug {'color': 'red'}; Return #W2 via paypal_1: Mug {'color': 'blue'};",
    );
    expect(merged.plan?.actions).toMatchObject([{ arguments: { item_ids: ["12", "11"] } }]);
  });
});
