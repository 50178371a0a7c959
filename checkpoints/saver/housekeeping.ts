/**
 * Retention while a thread is written: when the saver prunes what it stored, and when it must not.
 *
 * Used by the saver. Which checkpoints go is `retention.ts`' matter.
 */
import { START } from "@langchain/langgraph";
import type { ChannelVersions, CheckpointMetadata } from "@langchain/langgraph-checkpoint";
import { LRUCache } from "lru-cache";
import { classify } from "#src/faults/index.ts";
import type { Fence } from "../fence.ts";
import type { Place } from "../idle-thread.ts";
import { checkKeepLast, pruneOwn } from "../retention.ts";

/** A thread is pruned when its number of supersteps comes to a multiple of this, or goes past one. */
const pruneEvery = 100;

/** Of so many the last superstep is remembered. Any other thread is pruned at a multiple itself only. */
const mostThreads = 10_000;

export class Housekeeping {
  readonly #place: Place;
  readonly #keepLast: number | undefined;
  readonly #fence: Fence | undefined;
  /**
   * Threads of which a run may have begun from an addressed checkpoint, and not yet a later one from an input. Such a
   * run asks for its subgraphs' state of back then when it comes to them, however late.
   */
  readonly #addressed = new Set<string>();
  /** The number of the newest superstep that was seen of a thread. Under durability "exit" only a run's last is stored. */
  readonly #steps = new LRUCache<string, number>({ max: mostThreads });

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

  /** The newest checkpoint of the outermost graph was read. */
  read(thread: string, step: number): void {
    if (this.#keepLast !== undefined) this.#steps.set(thread, step);
  }

  forget(thread: string): void {
    this.#addressed.delete(thread);
    this.#steps.delete(thread);
  }

  /** A checkpoint of the outermost graph was stored. @param changed - The channels that it changed. */
  async stored(
    thread: string,
    { source, step }: CheckpointMetadata,
    changed: ChannelVersions,
  ): Promise<void> {
    const keepLast = this.#keepLast;
    if (keepLast === undefined) return;
    // Where only a run's last checkpoint is stored, its input shows by its channel alone.
    if (source === "input" || Object.hasOwn(changed, START)) this.#addressed.delete(thread);
    const before = this.#steps.get(thread) ?? step - 1;
    this.#steps.set(thread, step);
    const isDue = hundredsIn(step) > hundredsIn(before);
    if (!isDue || this.#addressed.has(thread)) return;
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

/** None before the first superstep, whose number is 0, either. */
const hundredsIn = (step: number): number => Math.trunc(step / pruneEvery);
