/**
 * The two ways in which a thread is not this process's to run. Neither is a fault of the graph: nothing here mends it,
 * so `classify` calls both unexpected, and a lost lease ends its run as an abort.
 */
const heldBrand = Symbol.for("faultline.lease-held-error");
const lostBrand = Symbol.for("faultline.lease-lost-error");

/** Somebody else runs the thread. The message is one line for whoever started this process: who, since when, what to do. */
export class LeaseHeldError extends Error {
  override readonly name = "LeaseHeldError";
  readonly thread: string;
  readonly [heldBrand] = true;

  constructor(thread: string, message: string) {
    super(message);
    this.thread = thread;
  }
}

/** The thread was this process's, and is no longer: what it wrote before stands, and it can write nothing more. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  readonly thread: string;
  readonly [lostBrand] = true;

  /** @param how - Whether its time was up, or this process closed its persistence while the thread ran. */
  constructor(thread: string, how: "late" | "closed" = "late") {
    super(
      (how === "late"
        ? `The lease on thread ${thread} was lost: this process (${process.pid}) did not renew it in time, so another one may run the thread. `
        : `The lease on thread ${thread} was given up: this process (${process.pid}) closed its persistence while the thread ran. `) +
        "What was written before stands. Go on with the thread once nobody runs it.",
    );
    this.thread = thread;
  }
}

/** True for a {@link LeaseHeldError}, also one made by another copy of this module. */
export function isLeaseHeldError(error: unknown): error is LeaseHeldError {
  return typeof error === "object" && error !== null && heldBrand in error;
}

/** True for a {@link LeaseLostError}, also one made by another copy of this module. */
export function isLeaseLostError(error: unknown): error is LeaseLostError {
  return typeof error === "object" && error !== null && lostBrand in error;
}
