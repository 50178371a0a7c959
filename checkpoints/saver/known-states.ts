/**
 * What stands of the checkpoints that this process stored or read last, so that their successors store what they add.
 *
 * Used by the saver. Only a saving: of a thread that is not known, lists are stored whole.
 */
import { LRUCache } from "lru-cache";
import { type Known, sizeOf } from "./values.ts";

/** For all threads of the process together. */
const knownBytes = 64 * 2 ** 20;

export class KnownStates {
  readonly #states = new LRUCache<string, Known>({ maxSize: knownBytes, sizeCalculation: sizeOf });

  /** What is known of the parent is the child's from now on; of a thread that begins, that nothing stands. */
  take(thread: string, namespace: string, parent: string | undefined): Known | undefined {
    if (parent === undefined) return { stored: new Map(), lists: new Map() };
    const key = keyOf(thread, namespace, parent);
    const known = this.#states.get(key);
    this.#states.delete(key);
    return known;
  }

  set(thread: string, namespace: string, checkpoint: string, known: Known): void {
    this.#states.set(keyOf(thread, namespace, checkpoint), known);
  }

  forget(thread: string): void {
    for (const key of this.#states.keys()) if (key.startsWith(`${thread}\0`)) this.#states.delete(key);
  }
}

const keyOf = (thread: string, namespace: string, checkpoint: string): string =>
  [thread, namespace, checkpoint].join("\0");
