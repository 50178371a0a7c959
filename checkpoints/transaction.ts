/** One transaction on one client of the pool. Used by the ledger, and by a graph for tables of its own. */
import type pg from "pg";

/**
 * Commits what `run` did, or none of it.
 *
 * @param run - Must use its client and nothing else of the pool: the embedded engine has one client only.
 * @param idleMs - After how long without a statement a server rolls it back, so that a process that is frozen does not
 *   keep its locks. Default: as the server is set, mostly never.
 * @throws What `run`, BEGIN or COMMIT threw.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  run: (tx: pg.PoolClient) => Promise<T>,
  { idleMs }: { readonly idleMs?: number | undefined } = {},
): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query("BEGIN");
    if (idleMs !== undefined)
      await tx.query(`SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(idleMs)}`);
    const result = await run(tx);
    await tx.query("COMMIT");
    return result;
  } catch (error) {
    // A client that cannot roll back must not go back to the pool with its transaction open.
    await tx.query("ROLLBACK").catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    tx.release(broken);
  }
}
