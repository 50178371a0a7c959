/**
 * Retention while a thread is written: when the saver prunes what it stored, and when it must not.
 *
 * Used by the saver. Which checkpoints go is `retention.ts`' matter.
 */
import type { CheckpointMetadata } from "@langchain/langgraph-checkpoint";
import { classify } from "#src/faults/index.ts";
import type { Fence } from "../fence.ts";
import type { Place } from "../idle-thread.ts";
import { checkKeepLast, pruneOwn } from "../retention.ts";

/** The superstep numbers at which a thread is pruned. */
const pruneEvery = 100;

export class Housekeeping {
  readonly #place: Place;
  readonly #keepLast: number | undefined;
  readonly #fence: Fence | undefined;
  /**
   * Threads of which a run may have begun from an addressed checkpoint, and not yet a later one from an input. Such a
   * run asks for its subgraphs' state of back then when it comes to them, however late.
   */
  readonly #addressed = new Set<string>();

  /** @param keepLast - Undefined: all stay. @throws RangeError for one that is no whole number of at least 1. */
  constructor(place: Place, keepLast: number | undefined, fence: Fence | undefined) {
    checkKeepLast(keepLast);
    this.#place = place;
    this.#keepLast = keepLast;
    this.#fence = fence;
  }

  /** A checkpoint of the outermost graph was asked for by its id. */
  addressed(thread: string): void {
    if (this.#keepLast !== undefined) this.#addressed.add(thread);
  }

  forget(thread: string): void {
    this.#addressed.delete(thread);
  }

  /** A checkpoint of the outermost graph was stored. */
  async stored(thread: string, { source, step }: CheckpointMetadata): Promise<void> {
    if (source === "input") this.#addressed.delete(thread);
    const keepLast = this.#keepLast;
    if (keepLast === undefined || step <= 0 || step % pruneEvery !== 0 || this.#addressed.has(thread)) return;
    // Housekeeping: the run has what it needs without it.
    await pruneOwn(this.#place, thread, keepLast, this.#fence).catch((error: unknown) => {
      const said = classify(error).message.replace(/\s+/g, " ");
      process.emitWarning(
        `Thread ${thread}: its older checkpoints were not taken away (${said}). The run goes on, and this is tried again ${pruneEvery} supersteps later.`,
        "RetentionWarning",
      );
    });
  }
}
