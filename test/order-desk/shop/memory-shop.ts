/** An embedded database in memory with one shop in it, for tests that are about the shop and not about the engine. */
import { PGlite } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import pg from "pg";
import type { ShopData } from "#graphs/order-desk/shop/records.ts";
import { openShop, type ShopStore } from "#graphs/order-desk/shop/shop.ts";
import { inTransaction } from "#graphs/order-desk/shop/transaction.ts";

export interface MemoryShop {
  store: ShopStore;
  pool: pg.Pool;
  /** Runs `work` in one transaction, as the effect ledger does. */
  transact<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function memoryShop(data: ShopData): Promise<MemoryShop> {
  const db = new PGlite();
  const pool = new pg.Pool({ ...createPgConfig(db), max: 1 });
  await pool.query('CREATE SCHEMA "Shop test"');
  const store = await openShop(pool, "Shop test");
  await store.load(data);
  return {
    store,
    pool,
    transact: (work) => inTransaction(pool, work),
    async close() {
      await pool.end();
      await db.close();
    },
  };
}
