/**
 * Opens everything durable from one call, and closes it.
 *
 * Used by whoever runs a graph: the order desk's runner, tests, a host of one's own. Not used by graphs
 * (they are exported without a checkpointer) nor by Studio, which brings its own.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type pg from "pg";
import type { BreakerStates } from "#src/isolation/index.ts";
import type { EffectLedger } from "#src/recovery/index.ts";
import { breakerTable } from "./breaker-states.ts";
import { openEmbedded } from "./embedded-engine.ts";
import { type Keys, parseKeys } from "./encryption.ts";
import type { Engine } from "./engine.ts";
import { checkLeaseMs, createLeases, type Leases } from "./leases.ts";
import { postgresLedger } from "./ledger.ts";
import { openPostgres } from "./postgres-engine.ts";
import { FaultlineSaver } from "./saver.ts";
import { setUp } from "./set-up.ts";
import { StartUpError } from "./start-up-error.ts";

export interface Persistence {
  readonly engine: "postgres" | "pglite";
  /**
   * For tables of one's own, in `schema`. On PGlite it has one client: what runs while you hold it must use
   * it, and never the pool.
   */
  readonly pool: pg.Pool;
  readonly schema: string;
  /** Goes to `compile({ checkpointer })`. */
  readonly saver: PostgresSaver;
  /** Where effects and compensations are written down. */
  readonly ledger: EffectLedger<pg.PoolClient>;
  /** Whoever runs a thread holds its lease meanwhile, so that no other process runs it too. */
  readonly leases: Pick<Leases, "hold" | "tokenOf">;
  /** Where circuit breakers share their state with other processes. */
  readonly breakers: BreakerStates;
  /**
   * Stops the runs of threads that are held, waits for what is in flight, then closes all. Whoever asks later is told so.
   * A second call is the same call.
   */
  close(): Promise<void>;
}

export interface PersistenceOptions {
  /** Defaults to the environment's DATABASE_URL. An empty text means the embedded database. */
  databaseUrl?: string;
  /** Where the embedded database lives. Default `.data/pg`. */
  dataDir?: string;
  /** The Postgres schema that holds every table. Default `faultline`. */
  schema?: string;
  /**
   * How long a thread's lease lasts from its last renewal, in ms: others wait so long for a machine that died. In the
   * embedded database, which has one process, nobody waits. Above 0, at most 2,147,483,647 (24 days). Default 30,000.
   */
  leaseMs?: number;
  /**
   * How many checkpoints of each branch of a thread stay while it is written: every 100 supersteps its older ones go. A
   * whole number, at least 1. Default: all stay.
   */
  keepLast?: number;
  /**
   * Keys of 32 bytes in base64, with commas between: the first one seals what is stored, all of them open it. Defaults
   * to the environment's FAULTLINE_ENCRYPTION_KEY. An empty text means that what is stored is legible.
   */
  encryptionKey?: string;
  /** Opens only what was set up before, and makes no folder and no schema. Default false. */
  existing?: boolean;
  /** Hears what a start is doing, a line at a time. */
  onProgress?: (line: string) => void;
  /** Hears of a connection that broke. The run that used it rejects; nothing else needs doing. */
  onConnectionLost?: (error: Error) => void;
}

/**
 * Connects, and sets up the tables of checkpoints, ledger, leases and breakers. Many processes may start at once.
 *
 * @throws StartUpError with one line that says what is wrong, where, and how to mend it.
 * @throws RangeError when `leaseMs` or `keepLast` is out of range.
 */
export async function openPersistence(options: PersistenceOptions = {}): Promise<Persistence> {
  const {
    databaseUrl = process.env.DATABASE_URL ?? "",
    dataDir = ".data/pg",
    schema = "faultline",
    encryptionKey = process.env.FAULTLINE_ENCRYPTION_KEY ?? "",
  } = options;
  const { existing = false, onProgress = () => {}, onConnectionLost = () => {} } = options;
  checkSchemaName(schema);
  if (options.leaseMs !== undefined) checkLeaseMs(options.leaseMs);
  const keys = parseKeys(encryptionKey);
  if (existing && databaseUrl === "" && !existsSync(join(dataDir, "PG_VERSION"))) {
    throw new StartUpError(
      `There is no embedded database in ${resolve(dataDir)}: go to the folder that has it, or set DATABASE_URL.`,
    );
  }
  const engine =
    databaseUrl === ""
      ? await openEmbedded(dataDir, onProgress, onConnectionLost)
      : await openPostgres(databaseUrl, onProgress, onConnectionLost);
  try {
    if (existing) await refuseMissing(engine.pool, schema);
    return await persistenceOn(engine, schema, options, keys);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Sets up `schema` on an open engine. Closing the result closes the engine. */
export async function persistenceOn(
  engine: Engine,
  schema: string,
  { leaseMs = 30_000, keepLast }: Pick<PersistenceOptions, "leaseMs" | "keepLast"> = {},
  keys?: Keys,
): Promise<Persistence> {
  const { pool } = engine;
  const leases = createLeases(pool, schema, leaseMs, engine.renewals);
  const saver = new FaultlineSaver(pool, undefined, {
    schema,
    fence: leases,
    keys,
    ...(keepLast === undefined ? {} : { keepLast }),
  });
  const ledger = postgresLedger(pool, schema, leases, {
    idleMs: engine.name === "pglite" ? undefined : leaseMs,
    keys,
  });
  const breakers = breakerTable(pool, schema);
  await setUp(engine, schema);
  await leases.begin();
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= leases.close().then(engine.close);
    return closing;
  };
  return { engine: engine.name, pool, schema, saver, ledger, leases, breakers, close };
}

async function refuseMissing(pool: pg.Pool, schema: string): Promise<void> {
  const { rows } = await pool.query("SELECT WHERE to_regclass($1) IS NOT NULL", [`"${schema}".checkpoints`]);
  if (rows.length > 0) return;
  throw new StartUpError(
    `There are no checkpoints in schema ${schema}: name the schema that has them, or begin a thread there first.`,
  );
}

function checkSchemaName(schema: string): void {
  // The stock saver puts the name into SQL in quotes, unescaped.
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) return;
  throw new StartUpError(
    `The schema name ${JSON.stringify(schema)} cannot be used: lower-case letters, digits and underscores only, 63 at most.`,
  );
}
