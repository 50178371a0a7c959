/**
 * Work on what is stored of a thread while nobody runs it: a transaction in which no other process can begin to.
 *
 * Used by retention, the way back to the stock saver and the change of keys. Not for a run, which holds the thread's lease.
 *
 * @see docs/adr/0014-thread-leases.md
 */
import type pg from "pg";
import { refusedAmong } from "./fence.ts";
import { defaultPatienceMs, isTransient, patiently } from "./patiently.ts";
import { isPersistenceError, onBehalfOf } from "./persistence-error.ts";
import { isCheckpointDamagedError } from "./saver/damaged.ts";
import { inTransaction } from "./transaction.ts";

export interface Place {
  readonly pool: pg.Pool;
  /** A checked identifier. */
  readonly schema: string;
}

/**
 * Commits what `work` did, or none of it. Tries again when the connection is lost, so `work` must bear being repeated.
 *
 * @param readOnly - `work` changes nothing, so that runs may begin meanwhile. Default false.
 * @returns "running" without having begun, when any process has the thread's lease.
 * @throws PersistenceError when the database does not let it.
 */
export function onIdleThread<T>(
  { pool, schema }: Place,
  thread: string,
  work: (tx: pg.PoolClient) => Promise<T>,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): Promise<T | "running"> {
  return onBehalfOf(thread, "it was left as it was", () =>
    patiently(defaultPatienceMs, () =>
      inTransaction(pool, async (tx) => {
        if (!readOnly) await makeLease(tx, schema, thread);
        return (await isRun(tx, schema, thread)) ? "running" : work(tx);
      }),
    ),
  );
}

/** Why a thread stands as it stood, so that the others can have their turn. */
export interface Left {
  /** Damaged includes what has a key that is not given. */
  readonly left: "damaged" | "failed";
  /** As a sentence. */
  readonly problem: string;
}

/** @throws `error` itself when it may be against all threads: the database is away, or this is a bug. */
export function leftBecause(error: unknown): Left {
  if (isCheckpointDamagedError(error)) return { left: "damaged", problem: error.message };
  if (isPersistenceError(error) && !isTransient(error.cause))
    return { left: "failed", problem: error.message };
  throw error;
}

/**
 * Whether the fence keeps this process from the thread. If not, the lease does not change hands before the transaction
 * ends.
 *
 * @param token - Under which this process runs the thread; undefined when it does not.
 */
export async function isRun(
  tx: pg.PoolClient,
  schema: string,
  thread: string,
  token?: string,
): Promise<boolean> {
  const { rows } = await tx.query(
    `WITH ${refusedAmong(`"${schema}".leases`, "ARRAY[$1::text]", "ARRAY[$2::bigint]")} SELECT thread FROM refused`,
    [thread, token ?? null],
  );
  return rows.length > 0;
}

/** A thread that was never run under a lease has no row for others to wait at. */
export async function makeLease(tx: pg.PoolClient, schema: string, thread: string): Promise<void> {
  await tx.query(
    `INSERT INTO "${schema}".leases (thread, holder, token, expires_at)
     VALUES ($1, '', nextval('"${schema}".lease_tokens'), '-infinity') ON CONFLICT DO NOTHING`,
    [thread],
  );
}
