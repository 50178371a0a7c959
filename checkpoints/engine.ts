/**
 * What persistence needs of a database, whichever of the two it is.
 *
 * Made by `openPostgres` and `openEmbedded`, used by `openPersistence`. Everything above it speaks to the
 * pool and cannot tell the engines apart.
 */
import type pg from "pg";
import { ClosedError } from "./closed-error.ts";

export interface Engine {
  readonly name: "postgres" | "pglite";
  /** On PGlite this pool has one client: never ask it for a second one while you hold the first. */
  readonly pool: pg.Pool;
  /**
   * Where leases are renewed, beside the pool: effects that fill that one must not cost a thread its lease. Null where
   * no other process can be, so that a lease needs no renewal.
   */
  readonly renewals: pg.Pool | null;
  /**
   * Runs `work` on a connection beside the pool's; on PGlite on the pool's only one. What goes wrong between here and
   * the server is a StartUpError.
   */
  apart<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  /** Ends the pool after what is in flight, then whatever else the engine holds. */
  close(): Promise<void>;
}

/** How often a closing pool looks whether its queue is empty. */
const drainPollMs = 10;

/**
 * Ends `pool` once every query that has been asked for is answered. Whoever asks later is told by a ClosedError.
 *
 * `pool.end()` alone waits for the clients in use but forgets the callers that still queue for one: their
 * promises never settle. With PGlite's single client there is nearly always such a queue.
 */
export async function drain(pool: pg.Pool): Promise<void> {
  while (pool.waitingCount > 0) await new Promise((resolve) => setTimeout(resolve, drainPollMs));
  const refuse = (done?: (error: Error) => void) =>
    done === undefined ? Promise.reject(new ClosedError()) : done(new ClosedError());
  pool.connect = refuse as typeof pool.connect; // Its queries go through it too.
  await pool.end();
}

/**
 * Lets the process live on when a connection breaks: the query in flight rejects, the pool drops the client.
 *
 * An error event that nobody hears ends the process, and node-postgres takes its own listener off a client
 * for as long as that is checked out. So each client gets one, and the pool as well, for its idle clients.
 */
export function surviveLostConnections(pool: pg.Pool, onConnectionLost: (error: Error) => void): void {
  const heard = () => {};
  pool.on("error", heard);
  pool.on("connect", (client) => {
    client.on("error", heard);
    client.once("error", onConnectionLost); // A client may report its end twice.
  });
}
