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
 * @param threads - SQL of the threads asked about, a text[].
 * @param tokens - SQL of their tokens, a bigint[]; null for a thread that runs here under no lease.
 * @returns Parts of a WITH clause, of which the last, `refused (thread)`, has the threads that may not be written.
 */
export function refusedAmong(leases: string, threads: string, tokens: string): string {
  // By the key and without a join: a hash costs a small batch more than all that it writes.
  return `lease AS MATERIALIZED (
    SELECT l.thread, l.token, l.expires_at FROM ${leases} l WHERE l.thread = ANY (${threads}) FOR KEY SHARE OF l),
  refused AS MATERIALIZED (
    SELECT a.thread FROM unnest(${threads}, ${tokens}) AS a(thread, token)
    WHERE a.token IS DISTINCT FROM (
      SELECT l.token FROM lease l WHERE l.thread = a.thread AND l.expires_at > clock_timestamp()))`;
}
