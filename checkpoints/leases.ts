/**
 * Thread leases: one process runs a thread at a time, and one that has lost a thread can write nothing more to it.
 *
 * Whoever runs a thread holds its lease while it does (`hold`); the ledger and the saver ask for its token with each
 * write (`Fence`). What runs under no lease is let in as long as nobody else holds one. Opened by `openPersistence`.
 *
 * @see docs/adr/0014-thread-leases.md
 */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { ClosedError } from "./closed-error.ts";
import type { Fence } from "./fence.ts";
import { isGone, parseHolder, thisProcess } from "./holder.ts";
import { LeaseHeldError, LeaseLostError } from "./lease-errors.ts";
import { heldBy, lockedBy } from "./lease-held.ts";
import { isLockTimeout, type LeaseTable, leaseTable } from "./lease-table.ts";
import { patiently } from "./patiently.ts";
import { onBehalfOf } from "./persistence-error.ts";
import { threadOf } from "./saver/place.ts";

export interface Leases extends Fence {
  /** Ends what an earlier process left, where no other one can be. */
  begin(): Promise<void>;
  /**
   * Runs `run` under the thread's lease, renews that meanwhile, and ends it however `run` ends.
   *
   * @param thread - A caller without types may give a number: it is the thread of that text.
   * @param run - Must stop when its signal aborts: by `options.signal`, or because the lease was lost.
   * @returns What `run` returned.
   * @throws LeaseHeldError when somebody else runs the thread, in this process or another. One that died on this
   *   machine is not waited for.
   * @throws LeaseLostError in place of what `run` threw, once the lease is lost.
   */
  hold<T>(
    thread: string,
    run: (signal: AbortSignal) => Promise<T>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<T>;
  /** A lost lease keeps its token until the thread is held anew, so that what outlives its run stays refused. */
  tokenOf(thread: string): string | undefined;
  /** Ends every lease that is held, and aborts its run. */
  close(): Promise<void>;
}

interface Lease {
  readonly thread: string;
  readonly token: string;
  readonly lost: AbortController;
  ended: boolean;
  /** Fires when the server's clock must have passed the lease's end, should nobody renew it. */
  expiry?: NodeJS.Timeout;
}

/** Three renewals fit into the life of a lease, so that one may fail. */
const beatsPerLife = 3;

/** The longest that a timer, here and in Postgres, can be set to. */
const longestMs = 2 ** 31 - 1;

/** @throws RangeError for anything but a number above 0, of at most 2,147,483,647 (24 days). */
export function checkLeaseMs(leaseMs: number): void {
  if (Number.isFinite(leaseMs) && leaseMs > 0 && leaseMs <= longestMs) return;
  throw new RangeError(`leaseMs must be above 0 and at most ${longestMs} (24 days), got ${leaseMs}`);
}

/**
 * @param schema - A checked identifier.
 * @param ttlMs - How long a lease lasts from its last renewal: the longest that others wait for a machine that died.
 * @param renewals - Where leases are renewed. Null: no other process can be, so they last until they are ended.
 * @throws RangeError as {@link checkLeaseMs}.
 */
export function createLeases(
  pool: pg.Pool,
  schema: string,
  ttlMs: number,
  renewals: pg.Pool | null = pool,
): Leases {
  checkLeaseMs(ttlMs);
  const table = leaseTable(pool, schema, ttlMs, renewals);
  const leases = new Map<string, Lease>();
  /** By thread, the tokens that could not be given back: nobody runs under them. */
  const left = new Map<string, string>();
  let heart: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<string>>();
  let closed = false;

  const held = () => [...leases.values()].filter(({ ended }) => !ended);

  function lose(lease: Lease, how?: "closed"): void {
    if (lease.ended) return;
    end(lease);
    lease.lost.abort(new LeaseLostError(lease.thread, how));
  }

  function end(lease: Lease): void {
    lease.ended = true;
    clearTimeout(lease.expiry);
    if (held().length > 0) return;
    clearInterval(heart);
    heart = undefined;
  }

  /** @param sentAt - When the renewal was asked for: the server counts from later on, so this clock is never ahead. */
  function renewed(lease: Lease, sentAt: number): void {
    if (renewals === null) return;
    clearTimeout(lease.expiry);
    lease.expiry = setTimeout(() => lose(lease), sentAt + ttlMs - performance.now());
    lease.expiry.unref();
  }

  async function beat(): Promise<void> {
    const asked = held();
    const sentAt = performance.now();
    const extended = await table.renew(asked);
    for (const lease of asked) {
      if (lease.ended) continue;
      if (extended.has(lease.token)) renewed(lease, sentAt);
      else lose(lease);
    }
  }

  /** @param onAsk - As in {@link LeaseTable.take}. */
  async function taken(thread: string, onAsk: () => void): Promise<string> {
    const token = await patiently(ttlMs, async () => {
      if (closed) throw new ClosedError();
      return take(table, thread, onAsk, left.get(thread));
    });
    if (!closed) return token;
    await table.release([{ thread, token }]);
    throw new ClosedError();
  }

  async function acquire(thread: string): Promise<Lease> {
    let sentAt = 0;
    const asked = taken(thread, () => {
      sentAt = performance.now();
    });
    underWay.add(asked);
    const what = "its lease was not taken, and nothing was run";
    const token = await onBehalfOf(thread, what, () => asked).finally(() => underWay.delete(asked));
    left.delete(thread);
    const before = leases.get(thread);
    // It expired, and this process has taken it anew before it noticed.
    if (before !== undefined) lose(before);
    const lease: Lease = { thread, token, lost: new AbortController(), ended: false };
    leases.set(thread, lease);
    renewed(lease, sentAt);
    // A renewal that fails may be followed by one that does not; if none is, the lease's own end says so.
    if (renewals !== null)
      heart ??= setInterval(() => void beat().catch(() => {}), ttlMs / beatsPerLife).unref();
    return lease;
  }

  /** An answer that is lost must not keep the thread from others' next run, so it is asked for until the lease has expired. */
  async function release(lease: Lease): Promise<void> {
    if (lease.ended) return;
    end(lease);
    leases.delete(lease.thread);
    await patiently(ttlMs, () => table.release([lease])).catch(() => {
      left.set(lease.thread, lease.token);
    });
  }

  return {
    async begin() {
      if (renewals === null) await table.releaseAll();
    },

    async hold(thread, run, { signal } = {}) {
      signal?.throwIfAborted();
      const lease = await acquire(threadOf(thread));
      const lost = lease.lost.signal;
      try {
        return await run(signal === undefined ? lost : AbortSignal.any([signal, lost]));
      } catch (error) {
        throw lost.aborted ? lost.reason : error;
      } finally {
        await release(lease);
      }
    },

    tokenOf: (thread) => leases.get(threadOf(thread))?.token,

    refusal(id) {
      const thread = threadOf(id);
      const lease = leases.get(thread);
      if (lease === undefined) {
        return new LeaseHeldError(
          thread,
          `Thread ${thread} is being run by another process, and this one holds no lease on it: nothing was written.`,
        );
      }
      lose(lease);
      return lease.lost.signal.reason;
    },

    async close() {
      closed = true;
      const open = held();
      for (const lease of open) lose(lease, "closed");
      // The database may be gone already; the leases then end by themselves.
      if (open.length > 0) await table.release(open).catch(() => {});
      await Promise.allSettled(underWay); // Each gives back what it gets.
    },
  };
}

/** @param dead - A token that nobody runs under. @throws LeaseHeldError */
async function take(
  table: LeaseTable,
  thread: string,
  onAsk: () => void,
  dead: string | undefined,
): Promise<string> {
  const me = await thisProcess();
  // One text for all tries of this call, and for no other.
  const holder = JSON.stringify({ ...me, call: randomUUID() });
  let gone = dead;
  for (;;) {
    const token = await table.take(thread, holder, gone, onAsk).catch(async (error: unknown) => {
      throw isLockTimeout(error) ? lockedBy(thread, await table.look(thread)) : error;
    });
    if (token !== undefined) return token;
    const lease = await table.look(thread);
    if (!lease?.live) continue; // It has just ended.
    const other = parseHolder(lease.holder);
    if (other === undefined || !(await isGone(other))) throw heldBy(lease, other, me);
    gone = lease.token;
  }
}
