/**
 * The fence: what a process that has lost a thread to another one may no longer write.
 *
 * Asked by the ledger and the saver with each write, in the same statement; kept up by `createLeases`.
 */
export interface Fence {
  /** The token of the lease under which a thread runs here; undefined when it runs under none. */
  tokenOf(thread: string): string | undefined;
  /** Tells a run that its write was refused, and returns the error for it. */
  refusal(thread: string): Error;
}

/**
 * The rule as SQL: a live lease must be this process's, and a process that has a token must have a live lease.
 *
 * The lock keeps each lease from changing hands until what is written beside it is committed; renewals don't wait for it.
 *
 * @param leases - The table, as it goes into SQL.
 * @param asked - Rows (thread text, token bigint); a null token for a thread that runs here under no lease.
 * @returns Part of a WITH clause: `refused (thread)`, the threads that may not be written.
 */
export function refusedAmong(leases: string, asked: string): string {
  // A lease is looked up for each thread by its key. A join would be planned as a hash, which costs a small batch more
  // than all that it writes.
  return `refused AS MATERIALIZED (
    SELECT a.thread FROM (${asked}) a
    WHERE a.token IS DISTINCT FROM (
      SELECT CASE WHEN l.expires_at > clock_timestamp() THEN l.token END
      FROM ${leases} l WHERE l.thread = a.thread FOR KEY SHARE OF l))`;
}
