/**
 * The errors of opening persistence: a bad DATABASE_URL, a folder in use, a role without rights.
 *
 * Each carries one line for the person who starts the process: what is wrong, where, and how to mend it.
 * Show `message` alone; the stack says nothing they can use. It is no Fault, because no graph runs yet
 * and nothing could route it.
 */
const brand = Symbol.for("faultline.start-up-error");

export class StartUpError extends Error {
  override readonly name = "StartUpError";
  readonly [brand] = true;
}

/** True for a {@link StartUpError}, also one made by another copy of this module. */
export function isStartUpError(error: unknown): error is StartUpError {
  return typeof error === "object" && error !== null && brand in error;
}
