/**
 * The database does not do what a thread needs: its disk is full, it is read-only, it stays away, it was closed.
 *
 * Thrown by the saver, the ledger and the leases, so that a run stops instead of going on unrecorded. Its category is
 * its cause's: `classify` looks there. What is damaged is a CheckpointDamagedError.
 */
import { classify } from "#src/faults/index.ts";
import { isClosedError } from "./closed-error.ts";

const brand = Symbol.for("faultline.persistence-error");

export class PersistenceError extends Error {
  override readonly name = "PersistenceError";
  readonly [brand] = true;
  readonly thread: string;

  /** @param what - What was not done, as the rest of a sentence that begins with the thread. */
  constructor(thread: string, what: string, cause: unknown) {
    super(`Thread ${thread}: ${what}, because ${reasonOf(cause)}`, { cause });
    this.thread = thread;
  }
}

/** True for a {@link PersistenceError}, also one made by another copy of this module. */
export function isPersistenceError(error: unknown): error is PersistenceError {
  return typeof error === "object" && error !== null && brand in error;
}

/**
 * Runs `work`, which asks the database for something on behalf of a thread.
 *
 * @param what - As in {@link PersistenceError}.
 * @throws PersistenceError in place of what the database, or the way to it, threw; any other error as it is, also a
 *   PersistenceError of `work`, which says more.
 */
export async function onBehalfOf<T>(thread: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOfDatabase(error) && !isPersistenceError(error)
      ? new PersistenceError(thread, what, error)
      : error;
  }
}

/** Not a bug of this side's, and not a lease's refusal. */
function isOfDatabase(error: unknown): boolean {
  if (isClosedError(error)) return true;
  const { category, code } = classify(error);
  return category === "transient" || code.startsWith("pg_");
}

/** By SQLSTATE: what is the matter with the database, and a sentence on what to do. */
const reasons: Readonly<Record<string, readonly [what: string, mend: string]>> = {
  "53100": ["its disk is full", "Free space on it"],
  "25006": ["it is read-only", "Connect to the primary, or make it writable"],
  "42501": ["this user may not do that", "GRANT it the rights on the tables of its schema"],
  "53300": ["it has no connection left", "Raise its max_connections, or close other clients"],
  "54000": [
    "it is more than it takes at once",
    "Keep large values elsewhere, and where they are in the state",
  ],
  // PGlite, once it had no room to log; a server would have gone down.
  "24000": ["its session is broken", "Free space on its disk, and restart this process"],
  "57014": ["it took too long", "Raise its statement_timeout, or end what holds the statement up"],
};

/** What is stored stays, whatever the reason: a run goes on from there. */
const goOn = "then go on with the thread: what was stored before is all there";

function reasonOf(cause: unknown): string {
  if (isClosedError(cause)) return `this process has closed its persistence. Open it again; ${goOn}.`;
  const { category, code, message } = classify(cause);
  const said = message.replace(/\s+/g, " ");
  const [what, mend] = reasons[code.replace("pg_", "").toUpperCase()] ?? [];
  if (what !== undefined) return `the database refused: ${what} (${said}). ${mend}; ${goOn}.`;
  return category === "transient"
    ? `the database stays away (${said}). See that it can be reached; ${goOn}.`
    : `the database refused: ${said}. Mend that; ${goOn}.`;
}
