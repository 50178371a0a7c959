/**
 * Makes the tables of checkpoints, leases, ledger and breakers where they are missing, beside processes that run.
 *
 * Used by `openPersistence`. A start looks first, and where all is there it takes no lock that anybody feels. Where
 * something is missing it asks for each lock for a moment only: whoever waits for a table's lock holds up all who come
 * after it, and what is in front may be a backup that takes an hour.
 */
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type pg from "pg";
import { classify } from "#src/faults/index.ts";
import { backoffMs, wait } from "#src/retry/index.ts";
import { breakerParts } from "./breaker-states.ts";
import type { Engine } from "./engine.ts";
import { isLockTimeout, leaseParts } from "./lease-table.ts";
import { ledgerParts } from "./ledger-parts.ts";
import { missing, namesIn, type Part } from "./parts.ts";
import { newestMigration, saverParts } from "./saver/layout.ts";
import { stockMigration, tablesOf } from "./saver/statements.ts";
import { StartUpError } from "./start-up-error.ts";

const patienceMs = 60_000;
/** Less than Postgres' deadlock_timeout (1 s by default), so that in a deadlock it is never the running process that loses. */
const lockMs = 300;
/** A process that is frozen in its set-up must not keep its locks. PGlite has no other process, and hangs when that time is up. */
const idleMs = 10_000;

interface Lack {
  /** Of the stock saver's migrations some were not run. */
  readonly stock: boolean;
  readonly parts: readonly Part[];
}

/**
 * Many processes may do it at once, and others may run meanwhile.
 *
 * @param schema - A checked identifier.
 * @throws StartUpError when a later version has been here, this role lacks a right, or the tables were in use for a minute.
 */
export function setUp(engine: Engine, schema: string): Promise<void> {
  return engine.apart(async (client) => {
    const lack = await lackOf(client, schema).catch(async (error: unknown) => {
      throw isRefused(error) ? await mayNotRead(client, schema) : error;
    });
    if (lack === undefined) return;
    const until = performance.now() + patienceMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await makeMissing(client, schema, until, engine.name === "pglite" ? 0 : idleMs);
      } catch (error) {
        await client.query("ROLLBACK").catch(() => {}); // The connection is gone, and the transaction with it.
        if (isRefused(error)) throw (await mayNotMake(client, schema, lack, error)) ?? error;
        if (!isLockTimeout(error) && classify(error).code !== "pg_40p01") throw error;
        if (performance.now() > until) throw inUse(schema, lack, error);
        await wait(backoffMs({ attempt, baseMs: 200, capMs: 2_000, jitter: "equal" }));
      }
    }
  });
}

/** @returns Undefined when nothing is missing. */
async function lackOf(client: pg.ClientBase, schema: string): Promise<Lack | undefined> {
  const names = await namesIn(client, schema);
  const stock = (await newestMigration(client, schema, names)) < stockMigration;
  const all = [...saverParts(schema), ...leaseParts(schema), ...ledgerParts(schema), ...breakerParts(schema)];
  const parts = missing(all, names);
  return stock || parts.length > 0 ? { stock, parts } : undefined;
}

async function makeMissing(
  client: pg.ClientBase,
  schema: string,
  until: number,
  maxIdleMs: number,
): Promise<void> {
  // A transaction's lock and not a session's: behind a transaction pooler the session is shared.
  await client.query("BEGIN");
  await client.query(`SET LOCAL idle_in_transaction_session_timeout = ${maxIdleMs}`);
  await client.query(`SET LOCAL lock_timeout = ${Math.max(1, Math.ceil(until - performance.now()))}`);
  await client
    .query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`faultline:set-up of ${schema}`])
    .catch((error: unknown) => {
      throw isLockTimeout(error) ? beingSetUp(schema, error) : error;
    });
  await client.query(`SET LOCAL lock_timeout = ${lockMs}`);
  const lack = await lackOf(client, schema); // Another process may have made it meanwhile.
  if (lack?.stock) await migrateStock(client, schema);
  for (const { sql } of lack?.parts ?? []) await client.query(sql);
  await client.query("COMMIT");
}

/** The stock saver's own migrations, on this connection and in its transaction. */
async function migrateStock(client: pg.ClientBase, schema: string): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA "${schema}"`);
  // It asks a table that is not there, which would end the transaction.
  await client.query(`CREATE TABLE IF NOT EXISTS ${tablesOf(schema).migrations} (v integer PRIMARY KEY)`);
  const here = {
    // Postgres wants the right to create schemas even where the schema is there.
    query: async (sql: string, values?: unknown[]) =>
      sql.startsWith("CREATE SCHEMA") ? undefined : client.query(sql, values),
    release: () => {},
  };
  await new PostgresSaver({ connect: async () => here } as unknown as pg.Pool, undefined, { schema }).setup();
}

const isRefused = (error: unknown): boolean => classify(error).code === "pg_42501";

const beingSetUp = (schema: string, cause: unknown) =>
  new StartUpError(
    `Schema ${schema}: another process has been setting up its tables for a minute. End it, then start again.`,
    { cause },
  );

const inUse = (schema: string, lack: Lack, cause: unknown) =>
  new StartUpError(
    `Schema ${schema} lacks ${lackText(lack)}, which could not be added for a minute, because a transaction that does ` +
      "not end uses its tables (a backup, a report). End it (pg_stat_activity shows it), or wait for it; then start again.",
    { cause },
  );

async function mayNotRead(client: pg.ClientBase, schema: string): Promise<StartUpError> {
  const me = await userOf(client);
  const grants = ["USAGE ON SCHEMA", "ALL ON ALL TABLES IN SCHEMA", "ALL ON ALL SEQUENCES IN SCHEMA"];
  const sql = grants.map((grant) => `GRANT ${grant} "${schema}" TO "${me}"`).join("; ");
  return new StartUpError(
    `"${me}" may not read the tables of schema ${schema}. As their owner, run: ${sql}.`,
  );
}

/** @returns Undefined when it was the schema that was not made. */
async function mayNotMake(
  client: pg.ClientBase,
  schema: string,
  lack: Lack,
  cause: unknown,
): Promise<StartUpError | undefined> {
  const { rows: schemas } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
  if (schemas.length === 0) return undefined;
  const me = await userOf(client);
  const changed = lack.parts.flatMap(({ makes }) => makes.map((name) => name.split(".")[0]));
  if (lack.stock) changed.push("checkpoints", "checkpoint_blobs", "checkpoint_writes");
  const { rows: foreign } = await client.query<{ table: string; owner: string }>(
    `SELECT c.relname AS table, pg_get_userbyid(c.relowner) AS owner
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname = ANY ($2) AND NOT pg_has_role(c.relowner, 'USAGE')
     ORDER BY c.relname`,
    [schema, changed],
  );
  const lacks = `Schema ${schema} lacks ${lackText(lack)}, and "${me}" may not add that (${classify(cause).message})`;
  const [first] = foreign;
  if (first === undefined) {
    return new StartUpError(
      `${lacks}. As the schema's owner, run: GRANT USAGE, CREATE ON SCHEMA "${schema}" TO "${me}".`,
      { cause },
    );
  }
  const tables = foreign.map(({ table }) => table).join(", ");
  return new StartUpError(
    `${lacks}: ${tables} ${foreign.length === 1 ? "belongs" : "belong"} to "${first.owner}". ` +
      `Start this version once as "${first.owner}" (npm run checkpoints will do); "${me}" can start then.`,
    { cause },
  );
}

async function userOf(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ me: string }>("SELECT current_user::text AS me");
  return rows[0]?.me ?? "";
}

function lackText({ stock, parts }: Lack): string {
  const names = parts.flatMap(({ makes }) => makes);
  if (names.length === 0) return "a migration of LangGraph's saver";
  return stock ? "its tables" : names.join(", ");
}
