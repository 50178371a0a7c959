/**
 * The shop's tables, in the persistence schema.
 *
 * The shop as given stands in `shop_records` and is never written after loading. What a branch changes stands in
 * `shop_changes`, whole record by whole record, so a branch costs nothing until it writes and its difference from
 * the given shop is those rows. `shop_writes` gets a row for every write that truly happened.
 * `shop_phrases` has what names a customer in the given records, so that a text can be searched for it at any size of shop.
 */
import pg from "pg";

export interface ShopTables {
  source: string;
  records: string;
  changes: string;
  writes: string;
  phrases: string;
}

export function shopTables(schema: string): ShopTables {
  const name = (table: string) => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
  return {
    source: name("shop_source"),
    records: name("shop_records"),
    changes: name("shop_changes"),
    writes: name("shop_writes"),
    phrases: name("shop_phrases"),
  };
}

/**
 * Makes the tables where they are missing. The schema must exist.
 *
 * @param tx - A client inside a transaction: the lock that lets eight processes start at once ends with it.
 */
export async function createShopTables(tx: pg.ClientBase, schema: string): Promise<void> {
  const { source, records, changes, writes, phrases } = shopTables(schema);
  // CREATE … IF NOT EXISTS is not safe against itself: two sessions may both find nothing there.
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`shop tables of ${schema}`]);
  await tx.query(`
    CREATE TABLE IF NOT EXISTS ${source} (
      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
      hash text NOT NULL
    );
    CREATE TABLE IF NOT EXISTS ${records} (
      kind text NOT NULL,
      id text NOT NULL,
      data jsonb NOT NULL,
      PRIMARY KEY (kind, id)
    );
    CREATE INDEX IF NOT EXISTS shop_records_email ON ${records} (lower(data->>'email')) WHERE kind = 'user';
    CREATE TABLE IF NOT EXISTS ${changes} (
      branch text NOT NULL,
      kind text NOT NULL,
      id text NOT NULL,
      data jsonb NOT NULL,
      PRIMARY KEY (branch, kind, id)
    );
    CREATE TABLE IF NOT EXISTS ${writes} (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      branch text NOT NULL,
      effect_key text NOT NULL,
      action text NOT NULL,
      at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE IF NOT EXISTS ${phrases} (
      plain text NOT NULL,
      kind text NOT NULL,
      id text NOT NULL,
      phrase text NOT NULL,
      owner text NOT NULL
    );
    CREATE INDEX IF NOT EXISTS shop_phrases_plain ON ${phrases} (plain);
    CREATE INDEX IF NOT EXISTS shop_writes_branch ON ${writes} (branch);
  `);
}
