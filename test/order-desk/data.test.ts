import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { contextOf } from "#graphs/order-desk/context.ts";
import { readShop } from "#graphs/order-desk/shop/load-shop.ts";
import { type Order, orderStatuses, type ShopData } from "#graphs/order-desk/shop/records.ts";
import { readTickets, type Ticket } from "#graphs/order-desk/tickets.ts";
import { parseAction } from "#graphs/order-desk/tools/action.ts";
import { requireBalancedBooks } from "#graphs/order-desk/tools/rules/books.ts";
import { type After, afterActions } from "./after-actions.ts";

const data = join(import.meta.dirname, "../../graphs/order-desk/data");
const tauBench = process.env.TAU_BENCH_DIR ?? join(import.meta.dirname, "../../../shared/tau-bench-retail");
const absent = !existsSync(tauBench);

let shop: ShopData;
let tickets: Ticket[];
beforeAll(async () => {
  shop = await readShop(data);
  tickets = await readTickets(join(data, "tickets.json"));
});

function ticket(id: string): Ticket {
  const found = tickets.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`there is no ticket ${id}`);
  return found;
}

/** What a ticket's actions do when nothing goes wrong. */
function outcome({ actions }: Ticket): Promise<After> {
  const order = shop.orders[String(actions[0]?.arguments.order_id)];
  return afterActions(shop, order?.user_id ?? "", actions.map(parseAction));
}

describe("the project's own shop", () => {
  it("shows every status that an order can have", () => {
    const shown = new Set(Object.values(shop.orders).map(({ status }) => status));
    expect([...shown].sort()).toEqual([...orderStatuses].sort());
  });

  it("keeps its books, but for the one order that a ticket needs broken", () => {
    const broken = ticket("broken-books").actions[0]?.arguments.order_id;
    const unbalanced = Object.values(shop.orders).filter((order) => !settled(order) && !balanced(order));
    expect(unbalanced.map(({ order_id }) => order_id)).toEqual([broken]);
  });

  it("lists in each order the variant as the catalogue has it", () => {
    for (const { order_id, items } of Object.values(shop.orders)) {
      for (const { item_id, product_id, name, options } of items) {
        const product = shop.products[product_id];
        expect({ name, options }, order_id).toEqual({
          name: product?.name,
          options: product?.variants[item_id]?.options,
        });
      }
    }
  });

  it.skipIf(absent)(`shares no id and no email with tau-bench${absent ? " (absent: skipped)" : ""}`, () => {
    const read = (dir: string, files: string[]) =>
      files.flatMap((file) => identities(readFileSync(join(dir, file), "utf8")));
    const theirs = new Set(read(tauBench, ["orders.json", "products.json", "users.json", "tasks.json"]));
    const ours = read(data, ["orders.json", "products.json", "users.json", "tickets.json"]);
    expect(ours.length).toBeGreaterThan(500);
    expect(ours.filter((id) => theirs.has(id))).toEqual([]);
  });
});

describe("the project's own tickets", () => {
  it("expect exactly what the shop's rules make of their actions, or nothing where they cannot be carried out", async () => {
    const unchanged = ["payment-down", "broken-books", "not-yours"];
    for (const each of tickets) {
      if (unchanged.includes(String(each.id))) expect(each.expected, `${each.id}`).toEqual({});
      else expect((await outcome(each)).changed, `${each.id}`).toEqual(each.expected);
    }
  });

  it("need no approval unless that is what they show", async () => {
    const limit = contextOf({}).approvalLimit;
    const asking: unknown[] = [];
    for (const each of tickets.filter(({ id }) => id !== "broken-books")) {
      if ((await outcome(each)).atStake > limit) asking.push(each.id);
    }
    expect(asking).toEqual(["large-refund"]);
  });

  it("payment-down loses the service between the second transfer and the last", async () => {
    const { money } = await outcome(ticket("payment-down"));
    expect(ticket("payment-down").scene).toEqual({ payment: { downAfter: 2 } });
    expect(money.length).toBeGreaterThan(2);
  });

  it("modify-lost-answer moves money, so that there is an answer to lose", async () => {
    expect((await outcome(ticket("modify-lost-answer"))).money).toHaveLength(1);
  });

  it("refused-plan asks for what the shop refuses", async () => {
    const [wanted] = /#W\d+/.exec(ticket("refused-plan").instruction) ?? [];
    const order = shop.orders[String(wanted)];
    const card = Object.keys(shop.users[order?.user_id ?? ""]?.payment_methods ?? {}).find((id) =>
      id.startsWith("gift_card"),
    );
    const action = {
      name: "modify_pending_order_payment",
      arguments: { order_id: wanted, payment_method_id: card },
    };
    await expect(afterActions(shop, order?.user_id ?? "", [parseAction(action)])).rejects.toMatchObject({
      code: "refused_by_shop",
    });
  });

  it("broken-books is a defect, for which nobody is asked", async () => {
    await expect(outcome(ticket("broken-books"))).rejects.toMatchObject({ category: "unexpected" });
  });
});

/** Cancelled orders have got their money back, and so are not in balance with their items. */
function settled({ status }: Order): boolean {
  return status === "cancelled";
}

function balanced(order: Order): boolean {
  try {
    requireBalancedBooks(order);
    return true;
  } catch {
    return false;
  }
}

/** Everything in a file that names a record, a person or a payment method. */
function identities(text: string): string[] {
  return [
    ...new Set(text.match(/#W\d+|[\w.]+@[\w.]+\w|\b[a-z]+_[a-z]+_\d+\b|\bpaypal_\d+\b|\b\d{10,12}\b/g) ?? []),
  ];
}
