/**
 * A thread's past, read from its checkpoints: every superstep of the desk and, where they ran, of its subgraphs.
 *
 * LangGraph keeps no list of which nodes wrote a checkpoint (1.7.3 has no `writes` in its metadata): what ran is what
 * the checkpoint before had as next, and what it changed is what differs from there.
 */
import type { StateSnapshot } from "@langchain/langgraph";

export interface HistoryEntry {
  readonly step: number;
  /** ISO 8601. */
  readonly at: string;
  /** The subgraphs around the nodes, the desk itself left out. */
  readonly path: readonly string[];
  /** What ran in this superstep, side by side, and what runs next. */
  readonly ran: readonly string[];
  readonly next: readonly string[];
  /** The state's fields that it changed, with their new values. */
  readonly changed: Readonly<Record<string, unknown>>;
}

/** The part of a compiled graph that this needs. */
export interface Remembered {
  getStateHistory(config: {
    configurable: { thread_id: string; checkpoint_ns: string };
  }): AsyncIterable<StateSnapshot>;
}

/** Oldest first; a subgraph's supersteps stand where it ran. */
export async function historyOf(
  graph: Remembered,
  subgraphs: ReadonlySet<string>,
  thread: string,
): Promise<HistoryEntry[]> {
  return entriesIn("", []);

  async function entriesIn(namespace: string, path: readonly string[]): Promise<HistoryEntry[]> {
    const snapshots: StateSnapshot[] = [];
    const configurable = { thread_id: thread, checkpoint_ns: namespace };
    for await (const snapshot of graph.getStateHistory({ configurable })) snapshots.unshift(snapshot);

    const entries: HistoryEntry[] = [];
    for (const [at, snapshot] of snapshots.entries()) {
      const before = snapshots[at - 1];
      if (before !== undefined) entries.push(entryOf(before, snapshot, path));
      for (const { name, id } of snapshot.tasks) {
        if (!subgraphs.has(name)) continue;
        const inside = namespace === "" ? `${name}:${id}` : `${namespace}|${name}:${id}`;
        entries.push(...(await entriesIn(inside, [...path, name])));
      }
    }
    return entries.filter(({ ran }) => !ran.includes("__start__"));
  }
}

function entryOf(before: StateSnapshot, snapshot: StateSnapshot, path: readonly string[]): HistoryEntry {
  const earlier = before.values as Record<string, unknown>;
  const changed = Object.entries(snapshot.values as Record<string, unknown>).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(earlier[key]),
  );
  return {
    step: snapshot.metadata?.step ?? 0,
    at: snapshot.createdAt ?? "",
    path,
    ran: before.next,
    next: snapshot.next,
    changed: Object.fromEntries(changed),
  };
}
