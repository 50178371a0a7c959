/** What the saver adds to the stock saver's tables, and the refusal of tables that a later version laid out. */
import { missing, namesIn, type Part, type Queryable } from "../parts.ts";
import { StartUpError } from "../start-up-error.ts";
import { format, stockMigration, tablesOf } from "./statements.ts";

/**
 * Columns that are nullable or have a default: the stock saver goes on inserting without them. In the order in which a
 * batch locks the tables.
 *
 * @param schema - A checked identifier.
 */
export function saverParts(schema: string): Part[] {
  const { checkpoints, blobs, writes, format: formats } = tablesOf(schema);
  return [
    {
      makes: ["checkpoint_writes.task_path", "checkpoint_writes.digest"],
      sql: `ALTER TABLE ${writes} ADD COLUMN IF NOT EXISTS task_path text NOT NULL DEFAULT '', ADD COLUMN IF NOT EXISTS digest integer`,
    },
    {
      makes: ["checkpoint_blobs.base", "checkpoint_blobs.digest"],
      sql: `ALTER TABLE ${blobs} ADD COLUMN IF NOT EXISTS base text, ADD COLUMN IF NOT EXISTS digest integer`,
    },
    {
      makes: ["checkpoints.blobs", "checkpoints.digest"],
      sql: `ALTER TABLE ${checkpoints} ADD COLUMN IF NOT EXISTS blobs integer, ADD COLUMN IF NOT EXISTS digest integer`,
    },
    {
      makes: ["checkpoint_format"],
      sql: `CREATE TABLE IF NOT EXISTS ${formats} (format integer PRIMARY KEY);
        INSERT INTO ${formats} VALUES (${format}) ON CONFLICT DO NOTHING`,
    },
  ];
}

/**
 * Adds what is missing. The stock saver's tables must be there.
 *
 * @param schema - A checked identifier.
 * @throws StartUpError when a later version has been here.
 */
export async function setUpLayout(on: Queryable, schema: string): Promise<void> {
  const names = await namesIn(on, schema);
  await newestMigration(on, schema, names);
  for (const { sql } of missing(saverParts(schema), names)) await on.query(sql);
}

/**
 * The number of the stock saver's newest migration that was run; -1 when none was.
 *
 * @param names - What there is in the schema.
 * @throws StartUpError when a later version, of that saver or of this one, has been here.
 */
export async function newestMigration(
  on: Queryable,
  schema: string,
  names: ReadonlySet<string>,
): Promise<number> {
  const tables = tablesOf(schema);
  const newest = (name: string, sql: string) => (names.has(name) ? `(SELECT ${sql})` : "NULL");
  const { rows } = await on.query<{ migration: number | null; own: number | null }>(
    `SELECT ${newest("checkpoint_migrations", `max(v) FROM ${tables.migrations}`)} AS migration,
       ${newest("checkpoint_format", `max(format) FROM ${tables.format}`)} AS own`,
  );
  const { migration, own } = rows[0] ?? { migration: null, own: null };
  if (migration !== null && migration > stockMigration)
    throw tooNew(schema, "LangGraph's saver", migration, stockMigration);
  if (own !== null && own > format) throw tooNew(schema, "Faultline", own, format);
  return migration ?? -1;
}

function tooNew(schema: string, who: string, found: number, known: number): StartUpError {
  return new StartUpError(
    `The checkpoints in schema ${schema} were laid out by a later version of ${who} (${found}; ${known} is the newest known here). Update this project, or name another schema.`,
  );
}
