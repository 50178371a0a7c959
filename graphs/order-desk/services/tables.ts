/**
 * The services' tables, in the persistence schema, so that a restarted service knows its keys.
 *
 * `…_requests` holds one row for each Idempotency-Key and is what makes a repeated request harmless. The rows of
 * `payment_transfers` and `mail_messages` are what was truly done: their key is not unique, on purpose, so that two
 * rows with one key would show an effect that happened twice.
 */
import pg from "pg";
import { inTransaction } from "#checkpoints/transaction.ts";

export interface ServiceTables {
  paymentRequests: string;
  transfers: string;
  mailRequests: string;
  messages: string;
}

export function serviceTables(schema: string): ServiceTables {
  const name = (table: string) => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
  return {
    paymentRequests: name("payment_requests"),
    transfers: name("payment_transfers"),
    mailRequests: name("mail_requests"),
    messages: name("mail_messages"),
  };
}

/** Makes the tables where they are missing. The schema must exist. */
export async function createServiceTables(pool: pg.Pool, schema: string): Promise<ServiceTables> {
  const tables = serviceTables(schema);
  const requests = (table: string) => `
    CREATE TABLE IF NOT EXISTS ${table} (
      key text PRIMARY KEY,
      thread text NOT NULL,
      request jsonb,
      answer jsonb,
      cancelled_at timestamptz,
      at timestamptz NOT NULL DEFAULT now()
    );`;
  await inTransaction(pool, async (tx) => {
    // CREATE … IF NOT EXISTS is not safe against itself: two sessions may both find nothing there.
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`service tables of ${schema}`]);
    await tx.query(`
      ${requests(tables.paymentRequests)}
      ${requests(tables.mailRequests)}
      CREATE TABLE IF NOT EXISTS ${tables.transfers} (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        thread text NOT NULL,
        key text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('charge', 'refund')),
        method text NOT NULL,
        amount numeric(14, 2) NOT NULL CHECK (amount > 0),
        cancelled_at timestamptz,
        at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX IF NOT EXISTS payment_transfers_thread ON ${tables.transfers} (thread);
      CREATE INDEX IF NOT EXISTS payment_transfers_key ON ${tables.transfers} (key);
      CREATE TABLE IF NOT EXISTS ${tables.messages} (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        thread text NOT NULL,
        key text NOT NULL,
        recipient text NOT NULL,
        subject text NOT NULL,
        body text NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX IF NOT EXISTS mail_messages_thread ON ${tables.messages} (thread);
    `);
  });
  return tables;
}
