/** What goes with a thread that goes altogether. Used by retention and by the saver's `deleteThread`. */
import type pg from "pg";

/**
 * Takes away what is known of a thread's effects, and its lease. Only for a thread that nobody can go on with: its next
 * try would be a first one.
 *
 * @param schema - A checked identifier.
 */
export async function forgetThread(tx: pg.PoolClient, schema: string, thread: string): Promise<void> {
  const effects = `"${schema}".effects`;
  await tx.query(
    `DELETE FROM "${schema}".saga_steps WHERE effect IN (SELECT key FROM ${effects} WHERE thread = $1)`,
    [thread],
  );
  await tx.query(`DELETE FROM ${effects} WHERE thread = $1`, [thread]);
  await tx.query(`DELETE FROM "${schema}".leases WHERE thread = $1`, [thread]);
}
