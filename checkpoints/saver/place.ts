/** Which thread, namespace and checkpoint a config points at. Used by the saver; leases and the ledger name threads by it too. */
import type { RunnableConfig } from "@langchain/core/runnables";

export interface Place {
  readonly thread: string;
  readonly namespace: string;
  /** Undefined: the newest. */
  readonly checkpoint: string | undefined;
}

/** @throws TypeError when it names no thread. */
export function placeIn({ configurable }: RunnableConfig): Place {
  if (configurable === undefined) throw new Error(`Missing "configurable" field in "config" param`);
  const { thread_id, checkpoint_ns: namespace = "", checkpoint_id: id } = configurable;
  // As in the other savers: an empty id is none.
  return { thread: threadOf(thread_id), namespace, checkpoint: id || undefined };
}

/**
 * LangGraph hands on what its caller gave. To Postgres 77 and "77" are one thread, to a Map they are two: so a lease
 * would not be found, and what a process may not write would look as if it had been written.
 *
 * @throws TypeError for anything but a text or a number.
 */
export function threadOf(id: unknown): string {
  if (typeof id === "string") return id;
  if (typeof id === "bigint" || Number.isFinite(id)) return String(id);
  throw new TypeError(
    `A checkpoint needs a thread: give "thread_id" in config.configurable as a text, not as ${typeof id === "object" ? JSON.stringify(id) : String(id)}.`,
  );
}
