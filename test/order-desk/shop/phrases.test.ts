/** How another customer's data may be spelt in a text, and what only looks like it. */
import { describe, expect, it } from "vitest";
import { ownShopDir } from "#graphs/order-desk/resources.ts";
import { readShop } from "#graphs/order-desk/shop/load-shop.ts";
import { type Phrase, phrasesInOrder, phrasesInUser, runsIn } from "#graphs/order-desk/shop/phrases.ts";

const { users, orders } = await readShop(ownShopDir);
const all: Phrase[] = [
  ...Object.entries(users).flatMap(([id, user]) => phrasesInUser(id, user)),
  ...Object.entries(orders).flatMap(([id, order]) => phrasesInOrder(id, order)),
];

function heldIn(text: string): string[] {
  const runs = new Set(runsIn(text));
  return [...new Set(all.filter(({ plain }) => runs.has(plain)).map(({ phrase }) => phrase))].sort();
}

describe("a leak that was not seen", () => {
  const order = ["#W3465400"];
  const name = ["Dario Bianchi"];
  const address = ["4 Beacon Hill"];
  const email = ["dario.bianchi@example.org"];
  const leaks: [string, string, string[]][] = [
    ["the last name first", "Bianchi, Dario", name],
    ["a name in one piece", "DarioBianchi", name],
    ["a mark that no eye sees for the space in a name", "Dario\u200bBianchi", name],
    ["marks that no eye sees inside a name", "Da\u200brio Bian\u00adchi", name],
    ["accents on a name", "Da\u0301rio Bi\u00e0nchi", name],
    ["a name in full width", "Ｄａｒｉｏ　Ｂｉａｎｃｈｉ", name],
    ["the house number last", "Beacon Hill 4, Burlington VT 05403", address],
    ["a mark that no eye sees inside a street", "4 Bea\u2060con Hill", address],
    [
      "an e-mail address in full width",
      "ｄａｒｉｏ.ｂｉａｎｃｈｉ＠ｅｘａｍｐｌｅ.ｏｒｇ",
      [...name, ...email].sort(),
    ],
    ["an order id without its letter", "the other order is 3465400", order],
    ["an order id in full width", "＃Ｗ３４６５４００", order],
    ["an order id over two lines", "#W346\n5400", order],
    ["an order id digit by digit", "# W 3 4 6 5 4 0 0", order],
    ["an order id with dashes", "W-346-54-00", order],
    ["marks that no eye sees inside an order id", "#W346\u200b54\u200d00", order],
    ["an order id stuck to a word", "order3465400", order],
    ["an order id behind another number", "2 of them: 3465400", order],
    ["a payment method's number alone", "the PayPal account 565 2484", ["paypal_5652484"]],
  ];
  it.each(leaks)("%s", (_, text, held) => expect(heldIn(text)).toEqual(held));
});

describe("a false alarm", () => {
  const harmless: [string, string][] = [
    ["amounts whose digits make up an id", "$346.54, $00.10 and 34 of 65400"],
    ["an id that is part of a longer number", "13465400, 34654001"],
    ["a first name, a street without a number, a zip code", "Dario, Beacon Hill, 05403"],
    ["a name's words apart", "Dario asked about the Bianchi bike"],
  ];
  it.each(harmless)("%s", (_, text) => expect(heldIn(text)).toEqual([]));
});

it("a text of many numbers costs no more than its length", () => {
  expect(runsIn("1 ".repeat(10_000)).length).toBeLessThan(50);
  const digits = Array.from({ length: 4_000 }, (_, at) => at % 10).join(" ");
  expect(runsIn(digits).length).toBeLessThan(4_000 * 30);
});
