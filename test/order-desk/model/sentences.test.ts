import { describe, expect, it } from "vitest";
import { readTicket } from "#graphs/order-desk/model/rules/read-ticket.ts";
import { addressIn, identityIn } from "#graphs/order-desk/model/rules/sentence-parts.ts";

const address = {
  address1: "18 Orchard Lane",
  address2: "Unit 4",
  city: "Burlington",
  state: "VT",
  country: "USA",
  zip: "05408",
};

describe("reading sentences", () => {
  it.each([
    [
      "Please cancel order #W1, I no longer need it.",
      [{ kind: "cancel", order: "#W1", reason: "no longer needed" }],
    ],
    [
      "My order #W1 was a mistake. Can you cancel it?",
      [{ kind: "cancel", order: "#W1" }], // the reason stands before the request: it is asked, not guessed
    ],
    [
      "Cancel #W1 and return the desk lamp from order #W2 to my PayPal account.",
      [
        { kind: "cancel", order: "#W1" },
        { kind: "return", order: "#W2", items: [{ phrase: "the desk lamp" }], payment: { kind: "paypal" } },
      ],
    ],
    [
      "I'd like to return everything in order #W2. Refund it to the original payment method, please.",
      [{ kind: "return", order: "#W2", items: "all", payment: { original: true } }],
    ],
    [
      "Please exchange the blue mug in order #W3 for a red one with my credit card ending in 4471.",
      [
        {
          kind: "change_items",
          order: "#W3",
          items: [{ item: { phrase: "the blue mug" }, to: { phrase: "a red one" } }],
          payment: { kind: "credit_card", lastFour: "4471" },
        },
      ],
    ],
    [
      "Please send order #W4 to 18 Orchard Lane, Unit 4, Burlington, VT 05408.",
      [{ kind: "order_address", order: "#W4", address }],
    ],
    [
      "Change my default address. It is now 18 Orchard Lane, Unit 4, Burlington, VT 05408, USA.",
      [{ kind: "default_address", address }],
    ],
    [
      "Please change the payment of order #W5 to my gift card.",
      [{ kind: "order_payment", order: "#W5", payment: { kind: "gift_card" } }],
    ],
    [
      "Exchange the mug in order #W3 for a red one and pay with my gift card.",
      [{ kind: "change_items", order: "#W3", payment: { kind: "gift_card" } }],
    ],
    [
      "Cancel orders #W1 and #W2, ordered by mistake.",
      [
        { kind: "cancel", order: "#W1" },
        { kind: "cancel", order: "#W2" },
      ],
    ],
    ["Hello, I'm Ann Lee and my zip code is 12345. You are patient, shy.", []],
  ])("%s", (text, wishes) => {
    const reading = readTicket(text);
    expect(reading.unread).toEqual([]);
    expect(reading.wishes).toHaveLength(wishes.length);
    expect(reading.wishes).toMatchObject(wishes);
  });

  it.each([
    "If the lamp is out of stock, cancel order #W1.",
    "Please don't cancel order #W1.",
    "Return either the lamp or the mug from order #W2.",
    "Cancel the lamp in order #W1.",
    "Exchange the lamp in order #W1.",
    "Cancel order #W1, not #W2.",
    "Change the address of order #W1 to that of #W2.",
    "Return from order #W2.",
    "Return the mug from #W1 and the lamp from #W2.",
    "Please cancel my other order.",
  ])("leaves unread what it can't weigh, so that the planner asks: %s", (text) => {
    expect(readTicket(text)).toEqual({ wishes: [], unread: [text] });
  });
});

describe("a sentence after a request", () => {
  it("leaves unread what may take it back, so that the planner asks", () => {
    const reading = readTicket("Return everything in order #W2 to my PayPal. I'd like to keep the lamp.");
    expect(reading.unread).toEqual(["I'd like to keep the lamp."]);
  });

  it("gives the reason or the payment method that the request left out", () => {
    const reading = readTicket(
      "Cancel order #W1. I do not need it anymore. Return the mug from order #W2. Use my gift card.",
    );
    expect(reading).toMatchObject({
      wishes: [{ reason: "no longer needed" }, { payment: { kind: "gift_card" } }],
      unread: [],
    });
  });
});

describe("reading identity and addresses", () => {
  it("takes no zip code of an address to ship to for the customer's own", () => {
    expect(identityIn("I'm Ann Lee. Ship order #W1 to 18 Orchard Lane, Burlington, VT 05408.")).toEqual({
      first_name: "Ann",
      last_name: "Lee",
    });
  });

  it("takes no digits of an order's number for a street", () => {
    expect(addressIn("address of order #W5453869 to 18 Orchard Lane, Unit 4, Burlington, VT 05408")).toEqual(
      address,
    );
  });
});
