/**
 * Which checkpoints of a thread stay: the last of each branch, and those without which one of them would read otherwise.
 *
 * Used by `prune`. Pure: rows in, rows out.
 *
 * @see docs/adr/0016-retention.md
 */

/** A checkpoint as far as retention looks at it. */
export interface Standing {
  readonly namespace: string;
  readonly id: string;
  readonly parent: string | null;
  /** Under which checkpoints, by namespace, the subgraph ran that this one is of. */
  readonly owners: Readonly<Record<string, string>> | null;
  /** Of a format whose Sends stand with the parent. */
  readonly old: boolean;
  /** It has Sends among its writes. */
  readonly sends: boolean;
  /** Channels without a value of their own here, which LangGraph rebuilds from the writes of what came before. */
  readonly replays: readonly string[];
  /** An edit: LangGraph replays subgraphs from before its parent. */
  readonly edit: boolean;
}

/** @param keepLast - How many checkpoints of each branch stay, its tip among them. At least 1. */
export function staying(rows: readonly Standing[], keepLast: number): Set<Standing> {
  const histories = historiesOf(rows);
  const root = histories.get("");
  const kept = new Set<Standing>();
  // Outer ones first: what a subgraph keeps depends on them.
  const namespaces = [...histories.keys()].sort((a, b) => depthOf(a) - depthOf(b));
  for (const namespace of namespaces) {
    const history = histories.get(namespace);
    if (history === undefined) continue;
    const chosen = lastOfEachBranch(history, keepLast);
    if (isPerTask(namespace)) {
      keepWithNeeds(
        [...chosen].filter((row) => isOwned(row, histories, kept)),
        history,
        kept,
      );
      continue;
    }
    if (namespace !== "" && root !== undefined) {
      for (const row of root.rows.values()) {
        if (!kept.has(row)) continue;
        for (const bound of row.edit ? [row.id, row.parent] : [row.id]) {
          const replayed = bound === null ? undefined : newestBefore(history, bound);
          if (replayed !== undefined) chosen.add(replayed);
        }
      }
    }
    keepWithNeeds([...chosen], history, kept);
  }
  return kept;
}

/** The checkpoints of one namespace. */
interface History {
  readonly rows: Map<string, Standing>;
  /** The ids, ascending: LangGraph takes the greatest for the newest. */
  readonly ids: readonly string[];
}

function historiesOf(rows: readonly Standing[]): Map<string, History> {
  const found = new Map<string, Map<string, Standing>>();
  for (const row of rows) {
    const others = found.get(row.namespace);
    if (others === undefined) found.set(row.namespace, new Map([[row.id, row]]));
    else others.set(row.id, row);
  }
  return new Map(
    [...found].map(([namespace, of]) => [namespace, { rows: of, ids: [...of.keys()].sort(byCode) }]),
  );
}

/** A branch ends in a checkpoint without children. The newest may have one, where clocks differ. */
function lastOfEachBranch({ rows, ids }: History, keepLast: number): Set<Standing> {
  const parents = new Set([...rows.values()].map(({ parent }) => parent));
  const chosen = new Set<Standing>();
  for (const row of rows.values()) {
    if (parents.has(row.id) && row.id !== ids.at(-1)) continue;
    let left = keepLast;
    for (const one of lineOf(row, rows)) {
      if (left-- === 0) break;
      chosen.add(one);
    }
  }
  return chosen;
}

/** A checkpoint, its parent, and so on, as far as they are there. */
function* lineOf(row: Standing, rows: ReadonlyMap<string, Standing>): Generator<Standing> {
  const seen = new Set<Standing>();
  for (let next: Standing | undefined = row; next !== undefined && !seen.has(next); ) {
    seen.add(next);
    yield next;
    next = next.parent === null ? undefined : rows.get(next.parent);
  }
}

function keepWithNeeds(chosen: readonly Standing[], { rows }: History, kept: Set<Standing>): void {
  const open = [...chosen];
  for (let row = open.pop(); row !== undefined; row = open.pop()) {
    if (kept.has(row)) continue;
    kept.add(row);
    open.push(...neededBy(row, rows));
  }
}

function neededBy(row: Standing, rows: ReadonlyMap<string, Standing>): Standing[] {
  const needed: Standing[] = [];
  const channels = new Set(row.replays);
  for (const before of lineOf(row, rows)) {
    if (before === row) continue;
    const isParent = before.id === row.parent;
    if (!(channels.size > 0 || (isParent && row.old && before.sends))) break;
    needed.push(before);
    for (const channel of channels) if (!before.replays.includes(channel)) channels.delete(channel);
  }
  return needed;
}

/**
 * A namespace with task ids is of the subgraph runs under one checkpoint alone: nothing comes back to it once that is
 * gone. One whose checkpoint is still on its way stays.
 */
function isOwned(
  { namespace, owners }: Standing,
  histories: ReadonlyMap<string, History>,
  kept: ReadonlySet<Standing>,
): boolean {
  return Object.entries(owners ?? {}).every(([outer, id]) => {
    const encloses = outer === "" ? namespace !== "" : namespace.startsWith(`${outer}|`);
    const history = encloses ? histories.get(outer) : undefined;
    if (history === undefined) return true;
    const owner = history.rows.get(id);
    return owner === undefined ? id > (history.ids.at(-1) ?? "") : kept.has(owner);
  });
}

/** What LangGraph goes on from, in a subgraph with a history of its own, when the thread is replayed with `id` as bound. */
function newestBefore({ rows, ids }: History, id: string): Standing | undefined {
  const before = ids.findLast((other) => other < id);
  return before === undefined ? undefined : rows.get(before);
}

const isPerTask = (namespace: string): boolean => namespace.includes(":");
const depthOf = (namespace: string): number => (namespace === "" ? 0 : namespace.split("|").length);
const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
