/** What only a saver on tables can show: growth, threads of the stock saver, damage. */
import { expect, test } from "vitest";
import { damageSpec } from "../spec/checkpointer/damage.ts";
import { growthSpec } from "../spec/checkpointer/growth.ts";
import { oldThreadsSpec } from "../spec/checkpointer/old-threads.ts";
import { eachEngine, reusing } from "../support/database.ts";
import { changed, ours, stock } from "./savers.ts";

eachEngine("growth", (open) => {
  growthSpec(async () => {
    const tables = await open();
    const sizes = `SELECT sum(pg_total_relation_size(c.oid)) AS size FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`;
    return {
      saver: ours(tables),
      size: async () => Number((await tables.pool.query(sizes, [tables.schema])).rows[0].size),
    };
  });
});

eachEngine("an old thread", (open) => {
  const emptied = reusing(open);
  oldThreadsSpec(async () => {
    const tables = await emptied();
    return { stock: stock(tables), again: () => ours(tables) };
  });
});

eachEngine("damage", (open) => {
  const emptied = reusing(open);
  damageSpec(async () => {
    const tables = await emptied();
    return { stock: stock(tables), again: () => ours(tables), damage: (sql) => changed(tables, sql) };
  });
});

eachEngine("a layout of later code", (open) => {
  test.each(["checkpoint_migrations (v)", "checkpoint_format (format)"])(
    "in %s is refused",
    async (column) => {
      const { pool, schema } = await open();
      await pool.query(`INSERT INTO "${schema}".${column} VALUES (99)`);
      const setup = ours({ pool, schema }).setup();
      await expect(setup).rejects.toThrow(new RegExp(`${schema}.*later version.*99`, "s"));
    },
  );
});
