/** What the saver adds to the stock saver's tables, and the refusal of tables that a later version laid out. */
import type pg from "pg";
import { StartUpError } from "../start-up-error.ts";
import { format, ownColumns, stockMigration, tablesOf } from "./statements.ts";

/**
 * Adds the columns where they are missing. The stock saver's tables must be there.
 *
 * @param schema - A checked identifier.
 * @throws StartUpError when a later version has been here.
 */
export async function setUpLayout(pool: pg.Pool, schema: string): Promise<void> {
  const tables = tablesOf(schema);
  const newest = async (sql: string) => (await pool.query<{ v: number | null }>(sql)).rows[0]?.v ?? 0;
  const migration = await newest(`SELECT max(v) AS v FROM ${tables.migrations}`);
  if (migration > stockMigration) throw tooNew(schema, "LangGraph's saver", migration, stockMigration);
  await pool.query(ownColumns(tables));
  const own = await newest(`SELECT max(format) AS v FROM ${tables.format}`);
  if (own > format) throw tooNew(schema, "Faultline", own, format);
}

function tooNew(schema: string, who: string, found: number, known: number): StartUpError {
  return new StartUpError(
    `The checkpoints in schema ${schema} were laid out by a later version of ${who} (${found}; ${known} is the newest known here). Update this project, or name another schema.`,
  );
}
