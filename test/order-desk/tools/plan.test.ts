import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { checkPlan } from "#graphs/order-desk/tools/plan.ts";
import { smallShop } from "../shop/small-shop.ts";
import { type MemoryShop, memoryShop } from "../shop/test-shop.ts";
import { act } from "./actions.ts";

let shop: MemoryShop;
beforeAll(async () => {
  shop = await memoryShop(smallShop());
});
afterAll(() => shop.close());

const check = (...actions: Parameters<typeof checkPlan>[2]) =>
  checkPlan(shop.store.on("plan"), "ada_reed_1", actions);

describe("a plan checked before it is done", () => {
  it("lets several actions on one order follow each other, each on the last one's result", async () => {
    const checks = await check(
      act.payBy("#W1", "paypal_1"),
      act.sendElsewhere("#W1"),
      act.swap("#W1", ["1001"], ["1002"], "paypal_1"),
    );
    expect(checks.map(({ allowed }) => allowed)).toEqual([true, true, true]);
    const last = checks[2]?.allowed ? checks[2].effectuation.changes.orders?.["#W1"]?.after : undefined;
    expect(last).toMatchObject({ status: "pending (item modified)", address: { city: "Bath" } });
    expect(last?.payment_history).toHaveLength(4);
  });

  it("refuses an action that an earlier one of the plan has made impossible", async () => {
    const checks = await check(act.swap("#W1", ["1001"], ["1002"], "card_1"), act.cancel("#W1"));
    expect(checks[1]).toEqual({
      allowed: false,
      code: "refused_by_shop",
      reason: 'order #W1 is "pending (item modified)"; this is possible for "pending" orders only',
    });
  });

  it("spends a gift card once, and counts what an earlier action gives back to it", async () => {
    const refused = await check(act.payBy("#W1", "gift_1"));
    const afterRefund = await check(
      act.cancel("#W2"),
      act.payBy("#W1", "gift_1"),
      act.swap("#W1", ["2001"], ["2002"], "gift_1"),
    );
    expect(refused.map(({ allowed }) => allowed)).toEqual([false]);
    expect(afterRefund.map(({ allowed }) => allowed)).toEqual([true, true, true]);
  });

  it("goes on after a refused action as if it had not been there", async () => {
    const checks = await check(act.cancel("#W9"), act.cancel("#W0"), act.cancel("#W2"));
    expect(checks.map((one) => (one.allowed ? "allowed" : one.code))).toEqual([
      "refused_by_shop",
      "not_found",
      "allowed",
    ]);
  });

  it("writes nothing", async () => {
    await check(act.cancel("#W1"), act.cancel("#W2"));
    expect(await shop.store.on("plan").changed()).toEqual({});
  });

  it("does not take a lost connection for the shop's refusal", async () => {
    const branch = {
      ...shop.store.on("plan"),
      order: vi.fn().mockRejectedValue(new Error("connection lost")),
    };
    await expect(checkPlan(branch, "ada_reed_1", [act.cancel("#W1")])).rejects.toThrow("connection lost");
  });
});
