import { beforeAll, describe, expect, it } from "vitest";
import { openShop } from "#graphs/order-desk/shop/shop.ts";
import type { Action } from "#graphs/order-desk/tools/action.ts";
import { applyAction } from "#graphs/order-desk/tools/write.ts";
import { eachEngine } from "../../support/database.ts";
import { act } from "../tools/actions.ts";
import { smallShop } from "./small-shop.ts";
import { shopIn, type TestShop } from "./test-shop.ts";

const cancel: Action = {
  name: "cancel_pending_order",
  arguments: { order_id: "#W2", reason: "no longer needed" },
};

eachEngine("shop", (open, engine) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await shopIn(await open(), smallShop());
  });

  const cancelOn = (branch: string) =>
    shop.transact((tx) => applyAction(tx, shop.store.on(branch), "ada_reed_1", cancel, `${branch}/cancel`));

  describe("a branch", () => {
    it("does not see what another branch writes", async () => {
      await cancelOn("apart/1");
      expect((await shop.store.on("apart/1").order("#W2")).status).toBe("cancelled");
      expect((await shop.store.on("apart/2").order("#W2")).status).toBe("pending");
      expect(await shop.store.on("apart/2").changed()).toEqual({});
    });

    it("shows as changed the whole records that differ, and not those it only locked", async () => {
      const branch = shop.store.on("changed");
      await shop.transact(async (tx) => {
        const records = branch.locked(tx);
        await records.order("#W1");
        await records.user("ben_hale_9");
      });
      expect(await branch.changed()).toEqual({});
      await cancelOn("changed");
      const changed = await branch.changed();
      expect(Object.keys(changed.orders ?? {})).toEqual(["#W2"]);
      expect(changed.orders?.["#W2"]).toEqual(await branch.order("#W2"));
      expect(changed.users?.ada_reed_1?.payment_methods.gift_1).toEqual({
        source: "gift_card",
        id: "gift_1",
        balance: 62.25,
      });
    });

    it("keeps nothing of a transaction that was rolled back", async () => {
      const branch = shop.store.on("rolled back");
      const crash = shop.transact(async (tx) => {
        await applyAction(tx, branch, "ada_reed_1", cancel, "key");
        throw new Error("crash before commit");
      });
      await expect(crash).rejects.toThrow("crash before commit");
      expect(await branch.changed()).toEqual({});
      expect(await branch.writes()).toEqual([]);
    });

    it("counts each write that happened under its effect's key", async () => {
      await cancelOn("counted");
      expect(await shop.store.on("counted").writes()).toEqual([
        { key: "counted/cancel", action: "cancel_pending_order", at: expect.any(Date) },
      ]);
    });

    it("needs a name, since the empty one would be shared by mistake", () => {
      expect(() => shop.store.on("")).toThrow(RangeError);
    });

    it("finds what in a text is another customer's, however it is cased and punctuated", async () => {
      const text = `Ada, write to BEN.HALE@example.com (ben_hale_9), "Ben Hale": **W9**/#W1, card_9,1 Quay; #W77`;
      const found = ["#W9", "Ben Hale", "ben.hale@example.com", "ben_hale_9", "card_9"];
      expect(await shop.store.on("x").othersIn(text, "ada_reed_1")).toEqual(found);
      // Both live at 1 Quay, and #W77 is nobody's.
      expect(await shop.store.on("x").othersIn("11 Quay, #W99, card_91", "ada_reed_1")).toEqual([]);
    });

    it("counts an address that the branch has given the customer's order as theirs", async () => {
      const data = smallShop();
      const ben = data.users.ben_hale_9;
      if (ben) ben.address = { ...ben.address, address1: "9 Hill" };
      const { store, transact } = await shopIn(await open(), data);
      const branch = store.on("sent to a friend");
      expect(await branch.othersIn("It goes to 9 Hill.", "ada_reed_1")).toEqual(["9 Hill"]);
      await transact((tx) => applyAction(tx, branch, "ada_reed_1", act.sendElsewhere("#W1"), "key"));
      expect(await branch.othersIn("It goes to 9 Hill.", "ada_reed_1")).toEqual([]);
    });

    it("answers an unknown id as a fault the model can mend, with a hint at the forgotten #", async () => {
      await expect(shop.store.on("x").order("W1")).rejects.toMatchObject({
        name: "Fault:llm-recoverable:not_found",
        message: 'no order "W1" in the shop (order ids begin with "#")',
      });
    });
  });

  describe("finding a customer", () => {
    it("does not depend on case or spaces around", async () => {
      const branch = shop.store.on("find");
      expect(await branch.findUserByEmail(" ada.REED@example.com ")).toBe("ada_reed_1");
      expect(await branch.findUserByNameZip("ada", "REED ", "04001")).toBe("ada_reed_1");
      expect(await branch.findUserByNameZip("Ada", "Reed", "99999")).toBeUndefined();
      expect(await branch.findUserByEmail("nobody@example.com")).toBeUndefined();
    });

    it("goes by the zip code that the branch has changed, and no longer by the old one", async () => {
      const branch = shop.store.on("moved");
      const { address } = await branch.user("ada_reed_1");
      const move: Action = {
        name: "modify_user_address",
        arguments: { user_id: "ada_reed_1", ...address, zip: "10001" },
      };
      await shop.transact((tx) => applyAction(tx, branch, "ada_reed_1", move, "move"));
      expect(await branch.findUserByNameZip("Ada", "Reed", "10001")).toBe("ada_reed_1");
      expect(await branch.findUserByNameZip("Ada", "Reed", "04001")).toBeUndefined();
    });

    it("refuses to choose between two of one name and zip code", async () => {
      const data = smallShop();
      const [ben, ada] = [data.users.ben_hale_9, data.users.ada_reed_1];
      if (ben && ada) ben.name = ada.name;
      const twins = await shopIn(await open(), data);
      await expect(twins.store.on("x").findUserByNameZip("Ada", "Reed", "04001")).rejects.toMatchObject({
        name: "Fault:user-fixable:ambiguous_customer",
      });
    });
  });

  describe("loading", () => {
    it("notices the same shop and leaves it and its branches alone", async () => {
      await cancelOn("kept");
      const again = await openShop(shop.pool, shop.schema);
      expect(await again.load(smallShop())).toBe("unchanged");
      expect((await again.on("kept").order("#W2")).status).toBe("cancelled");
    });

    it("replaces a shop nobody has worked on by another, leaving no record of the old one", async () => {
      const fresh = await shopIn(await open(), smallShop());
      const smaller = smallShop();
      delete smaller.orders["#W9"];
      delete smaller.users.ben_hale_9;
      expect(await fresh.store.load(smaller)).toBe("loaded");
      await expect(fresh.store.on("x").order("#W9")).rejects.toThrow('no order "#W9"');
    });

    it("refuses to put another shop under tickets that have written", async () => {
      await cancelOn("under way");
      const other = smallShop();
      delete other.products["p-lamp"];
      await expect(shop.store.load(other)).rejects.toThrow(
        /^schema "t_\w+" holds another shop, on which \d+ ticket\(s\) have written: name another schema/,
      );
      expect(await shop.store.on("under way").productTypes()).toEqual({ Lamp: "p-lamp", Mug: "p-mug" });
    });
  });

  describe.runIf(engine === "postgres")("many processes at once", () => {
    it("cancel an order once: the others wait for the lock and are refused", async () => {
      const results = await Promise.allSettled([1, 2, 3, 4].map(() => cancelOn("raced")));
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of results)
        if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "refused_by_shop" });
      expect(await shop.store.on("raced").writes()).toHaveLength(1);
      expect((await shop.store.on("raced").user("ada_reed_1")).payment_methods.gift_1).toMatchObject({
        balance: 62.25,
      });
    });

    it("change one user from two sides without losing either change", async () => {
      const branch = shop.store.on("shared card");
      const apply = (action: Action) =>
        shop.transact((tx) => applyAction(tx, branch, "ada_reed_1", action, "k"));
      await apply(act.swap("#W1", ["2001"], ["2002"], "gift_1"));
      await Promise.all([cancelOn("shared card"), apply(act.moveUser("ada_reed_1"))]);
      const user = await branch.user("ada_reed_1");
      expect(user.address.city).toBe("Bath");
      expect(user.payment_methods.gift_1).toMatchObject({ balance: 59.5 });
    });

    it("open and load the same schema together, and later another shop in its place", async () => {
      const { pool, schema } = await open();
      const together = <T>(run: () => Promise<T>) => Promise.all(Array.from({ length: 8 }, run));
      // Connections are open before the race begins, else they arrive one after another and nobody races.
      await together(() => pool.query("SELECT pg_sleep(0.05)"));
      const once = ["loaded", ...Array(7).fill("unchanged")];
      const stores = await together(() => openShop(pool, schema));
      expect((await Promise.all(stores.map((store) => store.load(smallShop())))).sort()).toEqual(once);
      const smaller = smallShop();
      delete smaller.products["p-lamp"];
      expect((await Promise.all(stores.map((store) => store.load(smaller)))).sort()).toEqual(once);
    });
  });
});
