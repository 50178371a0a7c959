/**
 * The layout of a schema as parts, and which of them are missing: read from the catalogue, so that nothing is asked of
 * the tables themselves.
 *
 * Each module that has tables names its parts; `set-up.ts` makes the missing ones.
 */
import type pg from "pg";

export interface Part {
  /** Relations by name, and columns as `table.column`. */
  readonly makes: readonly string[];
  /** Makes what is missing of it, and bears that some is there. */
  readonly sql: string;
}

export type Queryable = Pick<pg.ClientBase, "query">;

/** What there is in `schema`, named as in {@link Part}. Takes no lock on any of it. */
export async function namesIn(on: Queryable, schema: string): Promise<ReadonlySet<string>> {
  const { rows } = await on.query<{ name: string }>(
    `WITH relation AS (
       SELECT c.oid, c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1)
     SELECT name FROM relation
     UNION ALL
     SELECT r.name || '.' || a.attname FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid
     WHERE a.attnum > 0 AND NOT a.attisdropped`,
    [schema],
  );
  return new Set(rows.map(({ name }) => name));
}

export function missing(parts: readonly Part[], names: ReadonlySet<string>): Part[] {
  return parts.filter(({ makes }) => makes.some((name) => !names.has(name)));
}
