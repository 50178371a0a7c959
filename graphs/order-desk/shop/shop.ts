/**
 * The shop as the desk sees it: records by id, on a branch of its own.
 *
 * A ticket runs on a branch named after its thread, so every ticket starts from the shop as given and its
 * writes touch no other ticket. Reads and writes of the rules go through `tools/`, never straight through here.
 */
import type pg from "pg";
import { inTransaction } from "#checkpoints/transaction.ts";
import { shopOn } from "./branch.ts";
import { replaceGiven } from "./given.ts";
import type { Order, Product, Records, ShopData, User } from "./records.ts";
import { createShopTables, shopTables } from "./tables.ts";

/** What both a pool and a client offer. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<R>>;
}

/** Records that a branch holds otherwise than the shop as given, whole, by id. */
export interface ShopChanges {
  orders?: Record<string, Order>;
  users?: Record<string, User>;
}

/** A write that truly happened. Two rows with one key are an effect that happened twice. */
export interface ShopWrite {
  key: string;
  action: string;
  at: Date;
}

/** The shop on one branch. Where `tx` is left out, reads take a client of the pool: never do so while holding one. */
export interface Shop extends Records {
  readonly branch: string;
  order(id: string, tx?: Queryable): Promise<Order>;
  product(id: string, tx?: Queryable): Promise<Product>;
  user(id: string, tx?: Queryable): Promise<User>;
  /** The user's id. Upper and lower case are the same. */
  findUserByEmail(email: string): Promise<string | undefined>;
  /**
   * The user's id, by the zip code of the default address.
   *
   * @throws Fault user-fixable "ambiguous_customer" when two users share name and zip code.
   */
  findUserByNameZip(firstName: string, lastName: string, zip: string): Promise<string | undefined>;
  /**
   * What in a text belongs to customers other than this one, and not to this one as well: ids of users, orders and payment
   * methods, e-mail addresses, full names, first lines of addresses, in the spellings that `phrases.ts` has.
   */
  othersIn(text: string, userId: string): Promise<string[]>;
  /** Product ids by name, sorted by name. */
  productTypes(): Promise<Record<string, string>>;
  changed(): Promise<ShopChanges>;
  /** In the order in which they happened. */
  writes(): Promise<ShopWrite[]>;
  /** The same records, each order and user locked for the branch until `tx` ends. */
  locked(tx: Queryable): Records;
  /** Writes records that `locked` has read in the same transaction, and notes that it happened. */
  save(tx: Queryable, write: { key: string; action: string } & ShopChanges): Promise<void>;
}

export interface ShopStore {
  /** @throws RangeError for an empty name. */
  on(branch: string): Shop;
  /**
   * Takes `data` as the shop as given. The same data again is noticed by its hash and costs one query.
   *
   * @throws StartUpError when other data is loaded and was already worked on: every branch would change under its ticket.
   */
  load(data: ShopData): Promise<"loaded" | "unchanged">;
}

/**
 * Opens the shop in a schema that exists, and makes its tables where they are missing.
 *
 * @param pool - Of the persistence; it stays the caller's to close.
 */
export async function openShop(pool: pg.Pool, schema: string): Promise<ShopStore> {
  await inTransaction(pool, (tx) => createShopTables(tx, schema));
  const tables = shopTables(schema);
  return {
    on: (branch) => shopOn(pool, tables, branch),
    load: (data) => inTransaction(pool, (tx) => replaceGiven(tx, tables, schema, data)),
  };
}
