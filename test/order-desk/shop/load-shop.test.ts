import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isStartUpError } from "#checkpoints/start-up-error.ts";
import { readShop } from "#graphs/order-desk/shop/load-shop.ts";
import { smallShop } from "./small-shop.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "shop-"));
});
afterEach(() => rm(dir, { recursive: true }));

// Loose on purpose: each case breaks a record in a way the types forbid.
// biome-ignore lint/suspicious/noExplicitAny: records are broken here against their types
type Loose = any;

async function problemsAfter(change: (shop: Loose) => void): Promise<string[]> {
  const shop = smallShop();
  change(shop);
  await write({ "orders.json": shop.orders, "products.json": shop.products, "users.json": shop.users });
  return problems();
}

async function write(files: Record<string, unknown>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
  }
}

async function problems(): Promise<string[]> {
  try {
    await readShop(dir);
    return [];
  } catch (error) {
    if (!isStartUpError(error)) throw error;
    return error.message.split("\n").map((line) => line.replace(`${dir}/`, ""));
  }
}

describe("readShop", () => {
  it("takes a sound shop as it stands in the files", async () => {
    const { orders, products, users } = smallShop();
    await write({ "orders.json": orders, "products.json": products, "users.json": users });
    expect(await readShop(dir)).toEqual(smallShop());
  });

  it("names every file that is missing", async () => {
    await write({ "users.json": {} });
    const mend = "a shop folder holds orders.json, products.json and users.json";
    expect(await problems()).toEqual([
      `orders.json is missing: ${mend}`,
      `products.json is missing: ${mend}`,
    ]);
  });

  it("says where a file is no JSON, also when it only ends too soon", async () => {
    await write({ "orders.json": '{\n  "#W1": {} "#W2"', "products.json": '{\n"a": {', "users.json": "[]" });
    expect(await problems()).toEqual([
      expect.stringMatching(/^orders.json is not JSON \(line 2, column 13: .*\): correct the file there/),
      expect.stringMatching(/^products.json is not JSON \(.*\): correct the file there/),
      'users.json is not an object: write one object: { "record id": { … }, … }',
    ]);
  });

  const cases: [what: string, change: (shop: Loose) => void, line: string | RegExp][] = [
    [
      "a price that is text",
      (shop) => (shop.orders["#W1"].items[0].price = "40.10"),
      /^orders.json: "#W1", items.0.price is wrong: .*expected number, received string$/,
    ],
    [
      "a field that is missing",
      (shop) => delete shop.users.ben_hale_9.email,
      /^users.json: "ben_hale_9", email is wrong: /,
    ],
    [
      "a status the desk does not know",
      (shop) => (shop.orders["#W1"].status = "lost"),
      /"#W1", status is wrong: .*"pending"/,
    ],
    ["an order without items", (shop) => (shop.orders["#W1"].items = []), /"#W1", items is wrong: /],
    [
      "a misspelt field",
      (shop) => (shop.products["p-mug"].variants["2001"].availabel = true),
      'products.json: "p-mug", variants.2001.availabel is not a field of this record: correct its spelling or remove it',
    ],
    [
      "an order under another order's key",
      (shop) => (shop.orders["#W1"].order_id = "#W2"),
      'orders.json: "#W1", order_id is "#W2": make it "#W1", the key it stands under',
    ],
    [
      "a payment by a method the user does not have",
      (shop) => (shop.orders["#W9"].payment_history[0].payment_method_id = "card_1"),
      'orders.json: "#W9", payment_history.0.payment_method_id names "card_1", which "ben_hale_9" does not have: add the method to the user or correct the id',
    ],
    [
      "an item of no product",
      (shop) => (shop.orders["#W9"].items[0].product_id = "p-sofa"),
      'orders.json: "#W9", items.0.product_id names "p-sofa", which is not in products.json: add the product or correct the id',
    ],
    [
      "a user who lists another user's order",
      (shop) => shop.users.ben_hale_9.orders.push("#W1"),
      'users.json: "ben_hale_9", orders.1 lists "#W1", which is no order of theirs in orders.json: add the order or take it off the list',
    ],
    [
      "an order that its user does not list",
      (shop) => shop.users.ben_hale_9.orders.pop(),
      'orders.json: "#W9", user_id names "ben_hale_9", whose orders do not list it: add it to that user\'s orders',
    ],
    [
      "two users with one email address",
      (shop) => (shop.users.ben_hale_9.email = "ada.reed@EXAMPLE.com"),
      'users.json: "ben_hale_9", email is also that of "ada_reed_1": give each user an email of their own: it identifies them',
    ],
  ];
  it.each(cases)("refuses %s", async (_what, change, line) => {
    expect(await problemsAfter(change)).toEqual([
      typeof line === "string" ? line : expect.stringMatching(line),
    ]);
  });

  it("stops after ten lines and counts the rest", async () => {
    const lines = await problemsAfter((shop) => {
      shop.users = {};
      for (let n = 0; n < 20; n++) shop.orders[`#X${n}`] = { ...shop.orders["#W9"], order_id: `#X${n}` };
    });
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe("… and 15 more like these");
  });
});
