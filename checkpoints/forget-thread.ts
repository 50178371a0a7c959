/** Taking a thread away altogether, with what the ledger has of it. Used by retention and the saver's `deleteThread`. */
import type pg from "pg";
import type { Fence } from "./fence.ts";
import { isRun, makeLease, type Place } from "./idle-thread.ts";
import { removalOfThread } from "./retention/statements.ts";
import { tablesOf } from "./saver/statements.ts";
import { inTransaction } from "./transaction.ts";

/**
 * Takes away a thread's checkpoints and what is known of its effects, or nothing. The lease stays if this process holds
 * it.
 *
 * @throws The fence's refusal, when another process runs the thread.
 */
export async function removeThread({ pool, schema }: Place, thread: string, fence: Fence): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await makeLease(tx, schema, thread);
    if (await isRun(tx, schema, thread, fence.tokenOf(thread))) throw fence.refusal(thread);
    await tx.query(removalOfThread(tablesOf(schema), false), [thread]);
    await forgetThread(tx, schema, thread);
  });
}

/**
 * Takes away what is known of a thread's effects, and its lease unless it is live. Only for a thread that nobody can go
 * on with: its next try would be a first one.
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
  await tx.query(`DELETE FROM "${schema}".leases WHERE thread = $1 AND expires_at <= clock_timestamp()`, [
    thread,
  ]);
}
