import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { inspect } from "#graphs/order-desk/model/rules/inspector.ts";
import type { Fact, Plan } from "#graphs/order-desk/prompts/index.ts";
import type { ShopData } from "#graphs/order-desk/shop/records.ts";
import { type Action, parseAction } from "#graphs/order-desk/tools/action.ts";
import { readShopFiles } from "./desk-simulation.ts";

const dir = process.env.TAU_BENCH_DIR ?? resolve("..", "shared", "tau-bench-retail");
const present = existsSync(join(dir, "tasks.json"));

interface Task {
  id: string;
  instruction: string;
  user_id: string;
  actions: { name: string; arguments: Record<string, unknown> }[];
}

/** Each makes a wrong plan of a right one, or nothing where it does not apply. */
const spoilers: Record<string, (actions: Action[], shop: ShopData) => Action[] | undefined> = {
  "leaves out the last action": (actions) => actions.slice(0, -1),
  "does the first action on another order": ([first, ...rest], shop) => {
    if (!first || first.name === "modify_user_address") return undefined;
    const { order_id } = first.arguments;
    const other = shop.users[shop.orders[order_id]?.user_id ?? ""]?.orders.find((id) => id !== order_id);
    return other
      ? [parseAction({ ...first, arguments: { ...first.arguments, order_id: other } }), ...rest]
      : undefined;
  },
  "gives another reason": (actions) =>
    changeFirst(actions, "cancel_pending_order", (action) => ({
      ...action,
      arguments: {
        ...action.arguments,
        reason: action.arguments.reason === "no longer needed" ? "ordered by mistake" : "no longer needed",
      },
    })),
  "pays by another method of the customer": (actions, shop) => {
    const index = actions.findIndex((action) => "payment_method_id" in action.arguments);
    const action = actions[index];
    if (!action || !("payment_method_id" in action.arguments)) return undefined;
    const { order_id, payment_method_id } = action.arguments;
    const own = Object.keys(shop.users[shop.orders[order_id]?.user_id ?? ""]?.payment_methods ?? {});
    const other = own.find((id) => id !== payment_method_id);
    if (other === undefined) return undefined;
    return actions.with(
      index,
      parseAction({ ...action, arguments: { ...action.arguments, payment_method_id: other } }),
    );
  },
  "returns one item too many": (actions, shop) =>
    changeFirst(actions, "return_delivered_order_items", (action) => {
      const { order_id, item_ids } = action.arguments;
      const extra = shop.orders[order_id]?.items.find(({ item_id }) => !item_ids.includes(item_id));
      return (
        extra && { ...action, arguments: { ...action.arguments, item_ids: [...item_ids, extra.item_id] } }
      );
    }),
  "takes another available variant": (actions, shop) =>
    changeFirst(actions, "exchange_delivered_order_items", (action) => {
      const { order_id, item_ids, new_item_ids } = action.arguments;
      const item = shop.orders[order_id]?.items.find(({ item_id }) => item_id === item_ids[0]);
      const variants = Object.values(shop.products[item?.product_id ?? ""]?.variants ?? {});
      const other = variants.find(({ available, item_id }) => available && item_id !== new_item_ids[0]);
      return (
        other && {
          ...action,
          arguments: { ...action.arguments, new_item_ids: new_item_ids.with(0, other.item_id) },
        }
      );
    }),
  "ships to another address": (actions) =>
    changeFirst(actions, "modify_pending_order_address", (action) => ({
      ...action,
      arguments: { ...action.arguments, zip: "00000" },
    })),
};

describe.skipIf(!present)(
  `the inspector's rules on 500 plans${present ? "" : ` (skipped: not found at ${dir})`}`,
  () => {
    it.each(Object.entries(spoilers))("reject a plan that %s", (_, spoil) => {
      const shop = readShopFiles(dir);
      const tasks: Task[] = JSON.parse(readFileSync(join(dir, "tasks.json"), "utf8"));
      let spoilt = 0;
      for (const task of tasks) {
        const actions = spoil(task.actions.map(parseAction), shop);
        if (!actions) continue;
        spoilt++;
        const plan: Plan = { actions, declined: [] };
        const verdict = inspect({
          ticket: { message: task.instruction, answers: [] },
          customerId: task.user_id,
          facts: allFacts(shop, task.user_id),
          plan,
        });
        expect(verdict, `ticket ${task.id}`).toMatchObject({ verdict: "reject" });
      }
      expect(spoilt).toBeGreaterThan(10);
    });
  },
);

function changeFirst<Name extends Action["name"]>(
  actions: Action[],
  name: Name,
  change: (action: Extract<Action, { name: Name }>) => unknown,
): Action[] | undefined {
  const isNamed = (action: Action): action is Extract<Action, { name: Name }> => action.name === name;
  const action = actions.find(isNamed);
  const changed = action && change(action);
  return action && changed ? actions.with(actions.indexOf(action), parseAction(changed)) : undefined;
}

/** All that could be read about a customer. */
function allFacts(shop: ShopData, customerId: string): Fact[] {
  const user = shop.users[customerId];
  const orders = (user?.orders ?? []).map((id) => shop.orders[id]);
  const products = new Set(orders.flatMap((order) => order?.items.map(({ product_id }) => product_id) ?? []));
  return [
    { tool: "get_user_details", args: { user_id: customerId }, result: user },
    ...orders.map((order) => ({
      tool: "get_order_details",
      args: { order_id: order?.order_id },
      result: order,
    })),
    ...[...products].map((id) => ({
      tool: "get_product_details",
      args: { product_id: id },
      result: shop.products[id],
    })),
  ];
}
