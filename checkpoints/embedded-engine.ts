/**
 * The engine that needs no server: PGlite, which is Postgres inside this process, in a data folder.
 *
 * It has one session, so its pool has one client, and one process may open a folder at a time. A killed
 * process loses nothing that was committed; a power cut may (PGlite does not fsync).
 *
 * @see docs/adr/0006-embedded-postgres-is-the-default.md
 */
import { existsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import pg from "pg";
import { drain, type Engine, surviveLostConnections } from "./engine.ts";
import { lockFolder } from "./folder-lock.ts";
import { isStartUpError, StartUpError } from "./start-up-error.ts";

/** Turns a client that is never given back from a process that hangs into an error that names the pool. */
const clientTimeoutMs = 60_000;

/**
 * Opens the database in `dataDir`, made on first use.
 *
 * @throws StartUpError when another process holds the folder, or it holds something else.
 */
export async function openEmbedded(
  dataDir: string,
  onProgress: (line: string) => void,
  onConnectionLost: (error: Error) => void,
): Promise<Engine> {
  const lock = await lockFolder(dataDir).catch((error: unknown) => {
    if (isStartUpError(error)) throw error;
    throw new StartUpError(
      `The data folder ${resolve(dataDir)} cannot be used: ${messageOf(error)}. Name a folder this user may write to, or set DATABASE_URL.`,
      { cause: error },
    );
  });
  try {
    const db = await openDatabase(lock.folder, onProgress);
    return embeddedEngine(db, onConnectionLost, lock.release);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The engine over a PGlite that is open; `afterwards` runs once it has been closed. */
export function embeddedEngine(
  db: PGlite,
  onConnectionLost: (error: Error) => void,
  afterwards: () => Promise<void>,
): Engine {
  // One connection object a client. PGlite's adapter is made to be shared by all of them, but a pool ends its
  // client after any failed query, and what the old client's end does to a shared connection ends the new
  // one as well: one refused statement and the pool never answers again.
  class EmbeddedClient extends pg.Client {
    constructor() {
      super(createPgConfig(db));
    }
  }
  const pool = new pg.Pool({
    Client: EmbeddedClient,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: clientTimeoutMs,
    onConnect: freshSession,
  });
  surviveLostConnections(pool, onConnectionLost);

  const close = async () => {
    await drain(pool);
    await db.close();
    await afterwards();
  };
  let closing: Promise<void> | undefined;
  return {
    name: "pglite",
    pool,
    renewals: null,
    async apart(work) {
      const client = await pool.connect();
      try {
        return await work(client);
      } finally {
        client.release();
      }
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/**
 * What a server does when a connection ends. Here the one session outlives its client: without this a client
 * that was dropped inside a transaction leaves it open, and all later writes are lost with it.
 */
async function freshSession(client: pg.ClientBase): Promise<void> {
  await client.query("ROLLBACK");
  await client.query("DISCARD ALL");
}

async function openDatabase(folder: string, onProgress: (line: string) => void): Promise<PGlite> {
  // Stands while the first start fills the folder. A kill in that time leaves half a database, which must
  // not be taken for a whole one; and only what was begun here is ever deleted.
  const unfinished = `${folder}.unfinished`;
  if (existsSync(unfinished)) await rm(folder, { recursive: true, force: true });
  const fresh = !existsSync(join(folder, "PG_VERSION"));
  if (fresh && existsSync(folder) && (await readdir(folder)).length > 0) {
    throw new StartUpError(
      `The data folder ${folder} holds files, but no Postgres database. Name an empty or a new folder.`,
    );
  }
  onProgress(
    fresh
      ? `Creating the embedded Postgres in ${folder} (some ten seconds, only this once)`
      : `Opening the embedded Postgres in ${folder}`,
  );
  if (fresh) await writeFile(unfinished, "");
  try {
    const db = await PGlite.create(folder);
    await rm(unfinished, { force: true });
    return db;
  } catch (error) {
    throw new StartUpError(
      `The embedded Postgres in ${folder} cannot be opened: ${messageOf(error)}. ` +
        "Move the folder away to begin with an empty one, or set DATABASE_URL.",
      { cause: error },
    );
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
