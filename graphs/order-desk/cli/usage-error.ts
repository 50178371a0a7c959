/** A command line that cannot be obeyed: one line on what is wrong, where, and how to mend it. Exit code 2. */
const brand = Symbol.for("faultline.usage-error");

export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly [brand] = true;
}

/** True for a {@link UsageError}, also one made by another copy of this module. */
export function isUsageError(error: unknown): error is UsageError {
  return typeof error === "object" && error !== null && brand in error;
}
