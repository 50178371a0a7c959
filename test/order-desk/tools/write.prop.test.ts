import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toCents } from "#graphs/order-desk/shop/money.ts";
import { type Order, orderSchema, userSchema } from "#graphs/order-desk/shop/records.ts";
import type { Action } from "#graphs/order-desk/tools/action.ts";
import { writeTools } from "#graphs/order-desk/tools/catalogue.ts";
import type { Effectuation } from "#graphs/order-desk/tools/effectuation.ts";
import { checkPlan } from "#graphs/order-desk/tools/plan.ts";
import { applyAction, revertAction } from "#graphs/order-desk/tools/write.ts";
import { smallShop } from "../shop/small-shop.ts";
import { type MemoryShop, memoryShop } from "../shop/test-shop.ts";
import { act } from "./actions.ts";
import { moneyImbalance } from "./money-balance.ts";

let shop: MemoryShop;
beforeAll(async () => {
  shop = await memoryShop(smallShop());
});
afterAll(() => shop.close());

const order = fc.constantFrom("#W1", "#W2", "#W3", "#W4");
const method = fc.constantFrom("card_1", "paypal_1", "gift_1");
/** Swaps within a product, so that many are right; which order holds the item is left to chance. */
const pair = fc.oneof(
  fc.tuple(fc.constantFrom("1001", "1002"), fc.constantFrom("1001", "1002", "1003")),
  fc.tuple(fc.constantFrom("2001", "2002", "2003"), fc.constantFrom("2001", "2002", "2003", "1001")),
);
const pairs = fc.array(pair, { minLength: 1, maxLength: 2 });
const split = (list: [string, string][]): [string[], string[]] => [
  list.map(([a]) => a),
  list.map(([, b]) => b),
];

/** Right and wrong actions alike: the shop's rules sort them. */
const action: fc.Arbitrary<Action> = fc.oneof(
  order.map(act.cancel),
  order.map(act.sendElsewhere),
  fc.tuple(order, method).map(([id, by]) => act.payBy(id, by)),
  fc.tuple(order, pairs, method).map(([id, list, by]) => act.swap(id, ...split(list), by)),
  fc.tuple(order, pairs, method).map(([id, list, by]) => act.exchange(id, ...split(list), by)),
  fc.tuple(order, pairs, method).map(([id, list, by]) => act.giveBack(id, split(list)[0], by)),
  fc.constant(act.moveUser("ada_reed_1")),
);
const plan = fc.array(action, { minLength: 1, maxLength: 7 });

/** What is paid for an order must be what its items cost, or nothing once it is cancelled. */
function owed({ status, items, payment_history }: Order): number {
  const due = status === "cancelled" ? 0 : items.reduce((sum, { price }) => sum + price, 0);
  return toCents(
    payment_history.reduce(
      (left, { transaction_type, amount }) =>
        transaction_type === "payment" ? left - amount : left + amount,
      due,
    ),
  );
}

let branches = 0;
const applied = new Set<string>();

it("any plan can be taken back to the shop as given, and money is neither made nor lost on the way", async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (actions) => {
      const branch = shop.store.on(`plan ${branches++}`);
      const checks = await checkPlan(branch, "ada_reed_1", actions);
      const done: Effectuation[] = [];
      for (const [at, one] of actions.entries()) {
        const check = checks[at];
        const applying = shop.transact((tx) => applyAction(tx, branch, "ada_reed_1", one, `${at}`));
        if (!check?.allowed) {
          await expect(applying).rejects.toMatchObject({ code: check?.code, message: check?.reason });
          continue;
        }
        const effectuation = await applying;
        expect(effectuation).toEqual(check.effectuation);
        expect(moneyImbalance(effectuation)).toEqual({});
        done.push(effectuation);
        applied.add(one.name);
      }
      const { orders = {}, users = {} } = await branch.changed();
      for (const changed of Object.values(orders)) {
        orderSchema.parse(changed);
        expect(owed(changed)).toBe(0);
      }
      for (const changed of Object.values(users)) userSchema.parse(changed);

      for (const effectuation of done.toReversed()) {
        await shop.transact((tx) => revertAction(tx, branch, effectuation, "undo"));
      }
      expect(await branch.changed()).toEqual({});
    }),
    { numRuns: 450 },
  );
  expect([...applied].sort(), "plans that never got as far prove nothing").toEqual(
    Object.keys(writeTools).sort(),
  );
}, 60_000);
