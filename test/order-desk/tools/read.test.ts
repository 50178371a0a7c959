import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callReadTool } from "#graphs/order-desk/tools/read.ts";
import { smallShop } from "../shop/small-shop.ts";
import { type MemoryShop, memoryShop } from "../shop/test-shop.ts";

let shop: MemoryShop;
beforeAll(async () => {
  shop = await memoryShop(smallShop());
});
afterAll(() => shop.close());

const call = (name: string, args: unknown, userId?: string) =>
  callReadTool(shop.store.on("read"), name, args, userId);

describe("the reading tools", () => {
  it("answer what stands in the shop", async () => {
    const { orders, products, users } = smallShop();
    expect(await call("find_user_id_by_email", { email: "ada.reed@example.com" })).toBe("ada_reed_1");
    expect(
      await call("find_user_id_by_name_zip", { first_name: "Ben", last_name: "Hale", zip: "04001" }),
    ).toBe("ben_hale_9");
    expect(await call("get_user_details", { user_id: "ada_reed_1" })).toEqual(users.ada_reed_1);
    expect(await call("get_order_details", { order_id: "#W1" })).toEqual(orders["#W1"]);
    expect(await call("get_product_details", { product_id: "p-mug" })).toEqual(products["p-mug"]);
    expect(await call("list_all_product_types", {})).toEqual({ Lamp: "p-lamp", Mug: "p-mug" });
    expect(await call("calculate", { expression: "2 * 9.5" })).toBe(19);
  });

  it("write nothing, also where the model thinks or hands over", async () => {
    await call("think", { thought: "cancel everything" });
    await call("transfer_to_human_agents", { summary: "asks for a voucher" });
    expect(await shop.store.on("read").changed()).toEqual({});
    expect(await shop.store.on("read").writes()).toEqual([]);
  });

  it.each([
    ["get_user_details", { user_id: "ben_hale_9" }],
    ["get_order_details", { order_id: "#W9" }],
  ])("%s keeps another customer's records from the one that is served", async (name, args) => {
    await expect(call(name, args)).resolves.toBeTypeOf("object");
    await expect(call(name, args, "ada_reed_1")).rejects.toMatchObject({ code: "refused_by_shop" });
  });

  it.each([
    ["find_user_id_by_email", { email: "nobody@example.com" }, "not_found"],
    ["find_user_id_by_name_zip", { first_name: "A", last_name: "B", zip: "1" }, "not_found"],
    ["get_order_details", { order_id: "#W0" }, "not_found"],
    ["get_product_details", { product_id: "1001" }, "not_found"],
    ["get_order_details", { order_id: 1 }, "bad_arguments"],
    ["get_order_details", "#W1", "bad_arguments"],
    ["list_all_product_types", { page: 2 }, "bad_arguments"],
    ["calculate", { expression: "two" }, "bad_expression"],
    ["cancel_pending_order", { order_id: "#W1", reason: "no longer needed" }, "unknown_tool"],
    ["toString", {}, "unknown_tool"],
  ])("%s %o goes back to the model as %s", async (name, args, code) => {
    await expect(call(name, args)).rejects.toMatchObject({ category: "llm-recoverable", code });
  });
});
