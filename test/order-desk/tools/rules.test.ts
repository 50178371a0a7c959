import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Transaction } from "#graphs/order-desk/shop/records.ts";
import { type Action, parseAction } from "#graphs/order-desk/tools/action.ts";
import { checkPlan } from "#graphs/order-desk/tools/plan.ts";
import { checkAction } from "#graphs/order-desk/tools/write.ts";
import { smallShop } from "../shop/small-shop.ts";
import { type MemoryShop, memoryShop } from "../shop/test-shop.ts";
import { act } from "./actions.ts";

let shop: MemoryShop;
beforeAll(async () => {
  shop = await memoryShop(smallShop());
});
afterAll(() => shop.close());

const check = (action: Action, userId = "ada_reed_1") => checkAction(shop.store.on("rules"), userId, action);

describe("the shop refuses", () => {
  const cases: [what: string, action: Action, reason: string][] = [
    ["another customer's order", act.cancel("#W9"), "order #W9 is not an order of customer ada_reed_1"],
    [
      "to cancel what was sent",
      act.cancel("#W4"),
      'order #W4 is "processed"; this is possible for "pending" orders only',
    ],
    [
      "to return what has not arrived",
      act.giveBack("#W1", ["1001"], "card_1"),
      'order #W1 is "pending"; this is possible for "delivered" orders only',
    ],
    [
      "a payment method of somebody else",
      act.payBy("#W1", "card_9"),
      "the customer has no payment method card_9; there are: card_1, gift_1, paypal_1",
    ],
    [
      "the method that pays already",
      act.payBy("#W1", "card_1"),
      "order #W1 is paid by card_1 already; choose another method",
    ],
    [
      "a gift card that does not cover the order",
      act.payBy("#W1", "gift_1"),
      "gift card gift_1 holds 50.00, which does not cover 59.10",
    ],
    [
      "a refund to a card that did not pay",
      act.giveBack("#W3", ["1002"], "paypal_1"),
      "a refund of order #W3 goes to card_1, which paid for it, or to a gift card of the customer",
    ],
    [
      "an item that is not in the order",
      act.swap("#W1", ["2002"], ["2001"], "card_1"),
      "item 2002 is not in order #W1",
    ],
    [
      "more of an item than the order holds",
      act.swap("#W1", ["2001", "2001", "2001"], ["2002", "2002", "2002"], "card_1"),
      "order #W1 holds item 2001 2 time(s), fewer than were named",
    ],
    [
      "a variant of another product",
      act.swap("#W1", ["2001"], ["1002"], "card_1"),
      "item 1002 is not a variant of Mug, the product of item 2001",
    ],
    [
      "what is not in stock",
      act.exchange("#W3", ["1002"], ["1003"], "card_1"),
      "item 1003 (Lamp) is not in stock",
    ],
    [
      "another customer's address",
      act.moveUser("ben_hale_9"),
      "customer ada_reed_1 cannot change the address of ben_hale_9",
    ],
  ];
  it.each(cases)("%s", async (_what, action, reason) => {
    await expect(check(action)).rejects.toMatchObject({
      name: "Fault:llm-recoverable:refused_by_shop",
      message: reason,
    });
  });

  it("a difference that the gift card does not cover, also when it is due only after the exchange", async () => {
    const data = smallShop();
    const card = data.users.ada_reed_1?.payment_methods.gift_1;
    if (card?.source === "gift_card") card.balance = 1;
    const poor = await memoryShop(data);
    try {
      const dear = act.exchange("#W3", ["2003"], ["2002"], "gift_1");
      await expect(checkAction(poor.store.on("x"), "ada_reed_1", dear)).rejects.toThrow(
        "does not cover 2.75",
      );
    } finally {
      await poor.close();
    }
  });
});

describe("money", () => {
  it("goes back to the card through the payment service, and to a gift card in the user's record", async () => {
    const byCard = await check(act.cancel("#W1"));
    expect(byCard.money).toEqual([{ method: "card_1", kind: "refund", amount: 59.1 }]);
    expect(byCard.changes.users).toBeUndefined();
    const byGiftCard = await check(act.cancel("#W2"));
    expect(byGiftCard.money).toEqual([]);
    expect(byGiftCard.changes.users?.ada_reed_1?.after.payment_methods.gift_1).toMatchObject({
      balance: 62.25,
    });
  });

  it("is charged before it is refunded, so that a refused card leaves nothing to take back", async () => {
    expect((await check(act.payBy("#W1", "paypal_1"))).money).toEqual([
      { method: "paypal_1", kind: "charge", amount: 59.1 },
      { method: "card_1", kind: "refund", amount: 59.1 },
    ]);
  });

  it("moves in whole cents, though the record keeps the sum as it came out", async () => {
    const { money, changes } = await check(act.swap("#W1", ["1001"], ["1002"], "paypal_1"));
    expect(money).toEqual([{ method: "paypal_1", kind: "charge", amount: 6.26 }]);
    expect(changes.orders?.["#W1"]?.after.payment_history.at(-1)?.amount).toBe(46.36 - 40.1);
  });

  it("does not move for a swap at the same price", async () => {
    const { money, atStake } = await check(act.swap("#W1", ["2001"], ["2003"], "paypal_1"));
    expect({ money, atStake }).toEqual({ money: [], atStake: 0 });
  });

  it("does not move for a request to return or exchange, but says what is at stake", async () => {
    expect(await check(act.giveBack("#W3", ["1002", "2003"], "gift_1"))).toMatchObject({
      money: [],
      atStake: 55.86,
    });
    expect(await check(act.exchange("#W3", ["1002"], ["1001"], "card_1"))).toMatchObject({
      money: [],
      atStake: 6.26,
    });
  });

  it("of a cancelled order comes back from the method that holds it, not from every one that ever paid", async () => {
    const plan = [act.payBy("#W1", "paypal_1"), act.cancel("#W1")];
    const [, cancelled] = await checkPlan(shop.store.on("rules"), "ada_reed_1", plan);
    expect(cancelled).toMatchObject({
      allowed: true,
      effectuation: { money: [{ method: "paypal_1", kind: "refund", amount: 59.1 }] },
    });
  });
});

describe("items", () => {
  it("that stand twice in the order are replaced one by one", async () => {
    const { changes } = await check(act.swap("#W1", ["2001", "2001"], ["2002", "2003"], "card_1"));
    expect(changes.orders?.["#W1"]?.after.items.map(({ item_id }) => item_id)).toEqual([
      "1001",
      "2002",
      "2003",
    ]);
  });

  it("that trade places are not confused with what replaces them", async () => {
    const { changes } = await check(act.exchange("#W3", ["1002", "2003"], ["1001", "2001"], "card_1"));
    expect(changes.orders?.["#W3"]?.after).toMatchObject({
      status: "exchange requested",
      exchange_items: ["1002", "2003"],
      exchange_new_items: ["1001", "2001"],
      exchange_price_difference: -6.26,
    });
    const twice = await checkPlan(shop.store.on("rules"), "ada_reed_1", [
      act.swap("#W1", ["2001", "2001"], ["2002", "2001"], "card_1"),
    ]);
    expect(twice[0]).toMatchObject({
      effectuation: {
        changes: { orders: { "#W1": { after: { items: [{}, { item_id: "2002" }, { item_id: "2001" }] } } } },
      },
    });
  });
});

describe("arguments", () => {
  const bad: [what: string, action: unknown, message: RegExp][] = [
    ["a tool that does not exist", { name: "refund_all", arguments: {} }, /name/],
    [
      "lists of different length",
      {
        name: "modify_pending_order_items",
        arguments: { order_id: "#W1", item_ids: ["1001"], new_item_ids: ["1", "2"], payment_method_id: "c" },
      },
      /arguments\.new_item_ids: must name exactly one new item/,
    ],
    ["a number for an id", act.cancel(7 as unknown as string), /arguments\.order_id: .*string/],
    [
      "a reason of the model's own",
      { name: "cancel_pending_order", arguments: { order_id: "#W1", reason: "too dear" } },
      /arguments\.reason: .*"no longer needed"/,
    ],
    ["text that Postgres cannot store", act.cancel("#W\0"), /arguments\.order_id: must not contain U\+0000/],
    [
      "half an emoji",
      { ...act.cancel("#W1"), arguments: { order_id: "\ud83d", reason: "no longer needed" } },
      /order_id: must not/,
    ],
    [
      "a parameter nobody asked for",
      { name: "cancel_pending_order", arguments: { order_id: "#W1", reason: "no longer needed", refund: 5 } },
      /refund/,
    ],
  ];
  it.each(bad)("with %s go back to the model with the issues", (_what, action, message) => {
    expect(() => parseAction(action)).toThrow(message);
    expect(() => parseAction(action)).toThrow(
      expect.objectContaining({
        name: "Fault:llm-recoverable:bad_arguments",
        details: {
          issues: expect.arrayContaining([{ path: expect.any(String), message: expect.any(String) }]),
        },
      }),
    );
  });
});

describe("books that do not balance", () => {
  const withHistory = async (history: Transaction[]) => {
    const data = smallShop();
    const order = data.orders["#W1"];
    if (order) order.payment_history = history;
    const own = await memoryShop(data);
    try {
      return await checkAction(own.store.on("x"), "ada_reed_1", act.sendElsewhere("#W1"));
    } finally {
      await own.close();
    }
  };
  const entry = (
    transaction_type: Transaction["transaction_type"],
    amount: number,
    payment_method_id: string,
  ) => ({
    transaction_type,
    amount,
    payment_method_id,
  });

  it("stop the action as a defect of the records, which no model can mend", async () => {
    await expect(withHistory([entry("payment", 60, "card_1")])).rejects.toMatchObject({
      name: "Fault:unexpected:books_do_not_balance",
      message: "the items of order #W1 cost 59.10, but 60.00 was paid: mend its items or payment_history",
    });
  });

  it("are not suspected where a difference went back by another method than the one that paid", async () => {
    const history = [entry("payment", 65.1, "card_1"), entry("refund", 6, "gift_1")];
    await expect(withHistory(history)).resolves.toMatchObject({ action: "modify_pending_order_address" });
  });
});
