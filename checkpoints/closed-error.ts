/**
 * What a pool says once it was closed. Thrown by the engine's pools, whoever asks; the saver, the ledger and the leases
 * add the thread to it.
 */
const brand = Symbol.for("faultline.closed-error");

export class ClosedError extends Error {
  override readonly name = "ClosedError";
  readonly [brand] = true;

  constructor() {
    super("This process has closed its persistence: open it again.");
  }
}

/** True for a {@link ClosedError}, also one made by another copy of this module. */
export function isClosedError(error: unknown): error is ClosedError {
  return typeof error === "object" && error !== null && brand in error;
}
