/** The 500 public tasks of tau-bench retail: our rules must leave the shop exactly as the benchmark's own tools do. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readShop } from "#graphs/order-desk/shop/load-shop.ts";
import { orderSchema, userSchema } from "#graphs/order-desk/shop/records.ts";
import { parseAction } from "#graphs/order-desk/tools/action.ts";
import { readTools, writeTools } from "#graphs/order-desk/tools/catalogue.ts";
import { checkPlan } from "#graphs/order-desk/tools/plan.ts";
import { applyAction } from "#graphs/order-desk/tools/write.ts";
import { isFault } from "#src/faults/index.ts";
import { type MemoryShop, memoryShop } from "../shop/test-shop.ts";
import { moneyImbalance } from "./money-balance.ts";

const dir = process.env.TAU_BENCH_DIR ?? join(import.meta.dirname, "../../../../shared/tau-bench-retail");
const absent = !existsSync(join(dir, "tasks.json"));
const read = <T>(file: string): T => JSON.parse(readFileSync(join(dir, file), "utf8"));

interface Task {
  id: number;
  user_id: string;
  actions: { name: string; arguments: { [key: string]: unknown } }[];
  expected: { orders?: Record<string, unknown>; users?: Record<string, unknown> };
  errors: { action: string; message: string }[];
}

interface ToolFile {
  function: { name: string; parameters: { properties: { [name: string]: unknown }; required: string[] } };
}

describe.skipIf(absent)(`tau-bench retail in ${dir}${absent ? " (absent: skipped)" : ""}`, () => {
  let shop: MemoryShop;
  beforeAll(async () => {
    shop = await memoryShop(await readShop(dir));
  });
  afterAll(() => shop?.close());

  it("offers no other tools and no other parameters than the benchmark's", () => {
    const ours = Object.entries({ ...readTools, ...writeTools }).map(([name, { schema }]) => {
      const { properties = {}, required = [] } = z.toJSONSchema(schema);
      return { name, properties: Object.keys(properties).sort(), required: [...required].sort() };
    });
    const theirs = read<ToolFile[]>("tools.json").map(({ function: { name, parameters } }) => ({
      name,
      properties: Object.keys(parameters.properties).sort(),
      required: [...parameters.required].sort(),
    }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(ours.sort(byName)).toEqual(theirs.sort(byName));
  });

  it("ends every task in the expected state and refuses the expected actions, planned and applied alike", async () => {
    const tasks = read<Task[]>("tasks.json");
    expect(tasks).toHaveLength(500);
    for (const task of tasks) {
      const branch = shop.store.on(`task ${task.id}`);
      const actions = task.actions.map((action) => parseAction(action));
      const plan = await checkPlan(branch, task.user_id, actions);
      expect(await branch.changed(), `task ${task.id}: a dry run wrote`).toEqual({});

      const refused: string[] = [];
      for (const [at, action] of actions.entries()) {
        try {
          const key = `${task.id}/${at}`;
          const done = await shop.transact((tx) => applyAction(tx, branch, task.user_id, action, key));
          expect(plan[at], `task ${task.id}, action ${at}`).toEqual({ allowed: true, effectuation: done });
          expect(moneyImbalance(done), `task ${task.id}, action ${at}: money gone or made`).toEqual({});
        } catch (error) {
          if (!isFault(error) || error.code !== "refused_by_shop") throw error;
          refused.push(action.name);
          expect(plan[at]).toEqual({ allowed: false, code: "refused_by_shop", reason: error.message });
        }
      }
      expect(refused, `task ${task.id}: refused actions`).toEqual(task.errors.map(({ action }) => action));
      const changed = await branch.changed();
      expect(changed, `task ${task.id}: end state`).toEqual(task.expected);
      for (const order of Object.values(changed.orders ?? {})) orderSchema.parse(order);
      for (const user of Object.values(changed.users ?? {})) userSchema.parse(user);
      expect(await branch.writes()).toHaveLength(actions.length - refused.length);
    }
  }, 120_000);
});
