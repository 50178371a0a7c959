import { beforeAll, describe, expect, it } from "vitest";
import type { Effectuation } from "#graphs/order-desk/tools/effectuation.ts";
import { applyAction, revertAction } from "#graphs/order-desk/tools/write.ts";
import type { Json } from "#src/faults/index.ts";
import { eachEngine } from "../../support/database.ts";
import { smallShop } from "../shop/small-shop.ts";
import { shopIn, type TestShop } from "../shop/test-shop.ts";
import { act } from "./actions.ts";

eachEngine("the writing tools", (open) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await shopIn(await open(), smallShop());
  });

  function on(branch: string) {
    const view = shop.store.on(branch);
    return {
      view,
      apply: (action: Parameters<typeof applyAction>[3], key = "do") =>
        shop.transact((tx) => applyAction(tx, view, "ada_reed_1", action, key)),
      revert: (done: Effectuation, key = "undo") => shop.transact((tx) => revertAction(tx, view, done, key)),
    };
  }

  describe("applying", () => {
    it("checks again on the records as they are, not as they were when the plan was made", async () => {
      const { apply, view } = on("stale plan");
      await apply(act.cancel("#W1"));
      await expect(apply(act.sendElsewhere("#W1"))).rejects.toMatchObject({ code: "refused_by_shop" });
      expect(await view.writes()).toHaveLength(1);
    });

    it("does not hide an effect that happens twice", async () => {
      const { apply, view } = on("twice");
      await apply(act.sendElsewhere("#W1"), "same key");
      await apply(act.sendElsewhere("#W1"), "same key");
      expect((await view.writes()).map(({ key }) => key)).toEqual(["same key", "same key"]);
    });
  });

  describe("reverting", () => {
    it("puts order and gift card back, from what the ledger has stored as JSON", async () => {
      const { apply, revert, view } = on("stored");
      const stored: Json = await apply(act.payBy("#W2", "card_1"));
      expect(Object.keys(await view.changed())).toEqual(["orders", "users"]);
      await revert(JSON.parse(JSON.stringify(stored)));
      expect(await view.changed()).toEqual({});
      expect((await view.writes()).map(({ key, action }) => [key, action])).toEqual([
        ["do", "modify_pending_order_payment"],
        ["undo", "revert modify_pending_order_payment"],
      ]);
    });

    it("happens once, also when it is called again", async () => {
      const { apply, revert, view } = on("again");
      const done = await apply(act.cancel("#W2"));
      await revert(done);
      await revert(done);
      expect(await view.changed()).toEqual({});
      expect(await view.writes()).toHaveLength(2);
    });

    it("does nothing for an action that never happened", async () => {
      const { view, revert } = on("never");
      const elsewhere = on("never, but elsewhere");
      await revert(await elsewhere.apply(act.cancel("#W1")));
      expect(await view.writes()).toEqual([]);
    });

    it("leaves a record alone that was changed since, and says which", async () => {
      const { apply, revert, view } = on("changed since");
      const moved = await apply(act.sendElsewhere("#W1"));
      await apply(act.cancel("#W1"));
      await expect(revert(moved)).rejects.toMatchObject({
        name: "Fault:compensable:cannot_revert",
        details: { record: "#W1", action: "modify_pending_order_address" },
      });
      expect((await view.order("#W1")).status).toBe("cancelled");
    });

    it("puts back nothing when only one of two records can be put back", async () => {
      const { apply, revert, view } = on("half");
      const cancelled = await apply(act.cancel("#W2"));
      await apply(act.moveUser("ada_reed_1"));
      await expect(revert(cancelled)).rejects.toMatchObject({ details: { record: "ada_reed_1" } });
      expect((await view.order("#W2")).status).toBe("cancelled");
    });
  });
});
