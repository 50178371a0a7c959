/**
 * What is stored of a thread cannot be trusted or read: cut short, altered, or written by a later version.
 *
 * Thrown by the saver when it reads, so that a run stops with a word instead of beginning again from nothing.
 */
const brand = Symbol.for("faultline.checkpoint-damaged-error");

/** The place of what was found, as far as it is known. */
export interface CheckpointPlace {
  readonly thread: string;
  readonly namespace: string;
  readonly checkpoint?: string | undefined;
}

export class CheckpointDamagedError extends Error {
  override readonly name = "CheckpointDamagedError";
  readonly [brand] = true;
  readonly thread: string;

  /** @param what - What is wrong, as the rest of a sentence. @param mend - A whole sentence. */
  constructor(
    { thread, namespace, checkpoint }: CheckpointPlace,
    what: string,
    mend = defaultMend,
    options?: ErrorOptions,
  ) {
    const where = [
      ...(checkpoint === undefined ? [] : [`checkpoint ${checkpoint}`]),
      ...(namespace === "" ? [] : [`namespace ${namespace}`]),
    ];
    super(`Thread ${thread} cannot be read: ${[...where, what].join(", ")}. ${mend}`, options);
    this.thread = thread;
  }
}

const defaultMend =
  "Restore the database from a backup, go on from an earlier checkpoint by its id, or delete the thread.";

/** True for a {@link CheckpointDamagedError}, also one made by another copy of this module. */
export function isCheckpointDamagedError(error: unknown): error is CheckpointDamagedError {
  return typeof error === "object" && error !== null && brand in error;
}
