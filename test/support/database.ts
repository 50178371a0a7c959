/**
 * Runs a suite on both engines, each test on tables of its own.
 *
 * A fresh PGlite takes seconds of CPU, so a test file opens one at most, in memory, from an image made once
 * per installation; every `open()` gets its own schema there.
 */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, inject, onTestFinished } from "vitest";
import { embeddedEngine } from "#checkpoints/embedded-engine.ts";
import type { Engine } from "#checkpoints/engine.ts";
import { openPersistence, type Persistence } from "#checkpoints/index.ts";
import { persistenceOn } from "#checkpoints/persistence.ts";
import { openPglite } from "./pglite-image.ts";

/** Opens persistence on a fresh schema. It is closed, and the schema dropped, when the suite ends. */
export type Open = () => Promise<Persistence>;

/**
 * Describes `name` twice, on PGlite and on a real Postgres. The latter is skipped, visibly, where the machine
 * has none.
 */
export function eachEngine(name: string, suite: (open: Open, engine: Persistence["engine"]) => void): void {
  onPglite(name, (open) => suite(open, "pglite"));
  describePostgres(`${name} on postgres`, (url) => {
    const open = opener(
      (schema) => openPersistence({ databaseUrl: url, schema, encryptionKey: "" }),
      (schema) => runSql(url, `DROP SCHEMA "${schema}" CASCADE`),
    );
    suite(open, "postgres");
  });
}

/** For what is the same on both engines, and would cost too much twice. */
export function onPglite(name: string, suite: (open: Open) => void): void {
  describe(`${name} on pglite`, () => {
    // Not in the first test: on a new installation this makes the image, and takes longer than a test may.
    beforeAll(openShared, 120_000);
    suite(opener(openSharedPglite));
  });
}

/** Describes what only a real server has: connections that break, many processes, roles. */
export function describePostgres(name: string, suite: (url: string) => void): void {
  const url = inject("postgresUrl");
  if (url === null) describe.skip(`${name} (skipped: no Postgres binaries found)`, () => suite(""));
  else describe(name, () => suite(url));
}

export const freshSchema = (): string => `t_${randomBytes(6).toString("hex")}`;

function opener(
  openOn: (schema: string) => Promise<Persistence>,
  drop?: (schema: string) => Promise<void>,
): Open {
  const opened: Persistence[] = [];
  afterAll(async () => {
    for (const persistence of opened) {
      await persistence.close();
      await drop?.(persistence.schema);
    }
  });
  return async () => {
    const persistence = await openOn(freshSchema());
    opened.push(persistence);
    return persistence;
  };
}

/**
 * Opens again what a test that passed is done with, emptied: a new schema takes a hundred times as long. For use within
 * a test, and not for one that looks at set-up, layout or size, makes tables of its own, or closes.
 */
export function reusing(open: Open): Open {
  const free: Persistence[] = [];
  return async () => {
    const persistence = free.pop() ?? (await open());
    onTestFinished(async ({ task }) => {
      if (task.result?.state !== "pass") return;
      await empty(persistence);
      free.push(persistence);
    });
    return persistence;
  };
}

/** Deletes every row but those that tell the layout. */
export async function empty({ pool, schema }: Pick<Persistence, "pool" | "schema">): Promise<void> {
  const { rows } = await pool.query<{ sql: string }>(
    `SELECT format('DELETE FROM %I.%I', schemaname, tablename) AS sql FROM pg_tables
     WHERE schemaname = $1 AND tablename NOT IN ('checkpoint_migrations', 'checkpoint_format')`,
    [schema],
  );
  await pool.query(rows.map(({ sql }) => sql).join(";"));
}

/** Runs one statement on `url` on a connection of its own. */
export async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

let shared: Promise<Engine> | undefined;

function openShared(): Promise<Engine> {
  shared ??= openPglite().then((db) =>
    embeddedEngine(
      db,
      () => {},
      async () => {},
    ),
  );
  return shared;
}

async function openSharedPglite(schema: string): Promise<Persistence> {
  // The database is the whole file's: closing one test's persistence must leave it open.
  return persistenceOn({ ...(await openShared()), close: async () => {} }, schema);
}
