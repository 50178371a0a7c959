/** One shop in a database, for tests. Those that are not about the engine take the one in memory. */
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import pg from "pg";
import { inTransaction } from "#checkpoints/transaction.ts";
import type { ShopData } from "#graphs/order-desk/shop/records.ts";
import { openShop, type ShopStore } from "#graphs/order-desk/shop/shop.ts";
import { openPglite } from "../../support/pglite-image.ts";

export interface TestShop {
  store: ShopStore;
  pool: pg.Pool;
  schema: string;
  /** Runs `work` in one transaction, as the effect ledger does. */
  transact<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>;
}

/** Loads `data` into a schema that exists. */
export async function shopIn(
  { pool, schema }: { pool: pg.Pool; schema: string },
  data: ShopData,
): Promise<TestShop> {
  const store = await openShop(pool, schema);
  await store.load(data);
  return { store, pool, schema, transact: (work) => inTransaction(pool, work) };
}

/** A database of its own, embedded in memory. The schema's name needs quoting, so that nobody forgets to. */
export async function memoryShop(data: ShopData): Promise<MemoryShop> {
  const db = await openPglite();
  const pool = new pg.Pool({ ...createPgConfig(db), max: 1 });
  const schema = "Shop test";
  await pool.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
  return {
    ...(await shopIn({ pool, schema }, data)),
    async close() {
      await pool.end();
      await db.close();
    },
  };
}

export interface MemoryShop extends TestShop {
  close(): Promise<void>;
}
