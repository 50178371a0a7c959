/**
 * LangGraph's checkpointer on Postgres: forks keep their edits, a superstep costs one round trip, and a list that grows
 * costs what was added to it.
 *
 * Studio and the LangGraph servers never see it: they bring their own. It serves this project's runner, the tests, and
 * whoever hosts a graph without those servers. Opened by `openPersistence`.
 *
 * @see docs/adr/0007-channel-versions-are-unique.md
 * @see docs/adr/0015-the-saver.md
 */
import { randomInt } from "node:crypto";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  maxChannelVersion,
  type PendingWrite,
  type SerializerProtocol,
  TASKS,
  WRITES_IDX_MAP,
} from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { LRUCache } from "lru-cache";
import type pg from "pg";
import { classify } from "#src/faults/index.ts";
import type { Keys } from "./encryption.ts";
import type { Fence } from "./fence.ts";
import { removeThread } from "./forget-thread.ts";
import { patiently } from "./patiently.ts";
import { onBehalfOf } from "./persistence-error.ts";
import { checkKeepLast, pruneOwn } from "./retention.ts";
import { splitFilter } from "./saver/filter.ts";
import { setUpLayout } from "./saver/layout.ts";
import { Lookup, nameOf } from "./saver/lookup.ts";
import { ownBytes } from "./saver/own-bytes.ts";
import type { Reading } from "./saver/reader.ts";
import type { Work, WriteRow } from "./saver/rows.ts";
import { tablesOf, writeBatch } from "./saver/statements.ts";
import { type Known, knownFrom, rowsToStore, sizeOf } from "./saver/values.ts";
import { createWriter, type Writer } from "./saver/writer.ts";

/** How many fractions there are between two whole versions. A power of two, so that sums stay exact. */
const fractions = 2 ** 32;
/** For all threads of the process together. A thread that falls out stores its lists whole once. */
const knownBytes = 64 * 2 ** 20;
/** With retention on, the superstep numbers at which a thread is pruned. */
const pruneEvery = 100;

export interface SaverOptions {
  /** Default `public`. A checked identifier. */
  readonly schema?: string;
  /** Goes with the tables of leases and ledger. Default: every process may write every thread. */
  readonly fence?: Fence;
  /** How long a run waits for a database that cannot be reached, in ms, before it rejects. Default 20,000. */
  readonly patienceMs?: number;
  /**
   * How many checkpoints of each branch stay; every 100 supersteps the rest of the thread that was written goes. A
   * whole number, at least 1. Default: all stay.
   *
   * @see prune
   */
  readonly keepLast?: number;
  /** Seal what is stored, and open it. Default: what is stored is legible. */
  readonly keys?: Keys | undefined;
}

export class FaultlineSaver extends PostgresSaver {
  readonly #pool: pg.Pool;
  readonly #schema: string;
  readonly #patienceMs: number;
  readonly #fence: Fence | undefined;
  readonly #keepLast: number | undefined;
  readonly #writer: Writer;
  readonly #lookup: Lookup;
  readonly #known = new LRUCache<string, Known>({ maxSize: knownBytes, sizeCalculation: sizeOf });
  /**
   * Threads of which a run may have begun from an addressed checkpoint, and not yet a later one from an input. Such a
   * run asks for its subgraphs' state of back then when it comes to them, however late.
   */
  readonly #addressed = new Set<string>();

  constructor(
    pool: pg.Pool,
    serde?: SerializerProtocol,
    { schema = "public", fence, patienceMs = 20_000, keepLast, keys }: SaverOptions = {},
  ) {
    super(pool, serde, { schema });
    this.serde = ownBytes(this.serde);
    this.#pool = pool;
    this.#schema = schema;
    this.#patienceMs = patienceMs;
    this.#fence = fence;
    checkKeepLast(keepLast);
    this.#keepLast = keepLast;
    const text = writeBatch(tablesOf(schema), fence !== undefined);
    this.#writer = createWriter(pool, { name: nameOf(text), text }, patienceMs, fence, keys);
    this.#lookup = new Lookup(pool, schema, patienceMs, this.serde, keys);
  }

  /**
   * Makes the tables of the stock saver and the columns that this one adds. Not safe against itself: the caller holds
   * a lock.
   *
   * @throws StartUpError when a later version has been here.
   */
  override async setup(): Promise<void> {
    await super.setup();
    await setUpLayout(this.#pool, this.#schema);
  }

  /**
   * The stock saver counts 1, 2, 3 …, so that a fork counts on from the same number as the history that it left, and
   * loses its edits to it. Here the whole part counts and the fraction is drawn at random: still a number, so that
   * threads begun with whole versions go on, and never the same one twice in a thread.
   */
  override getNextVersion(current: number | undefined): number {
    return Math.floor(current ?? 0) + 1 + randomInt(1, fractions) / fractions;
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const { thread, namespace, checkpoint: parent } = placeIn(config);
    const known = this.#take(thread, namespace, parent);
    const { channel_values: values, ...document } = checkpoint;
    const json = JSON.stringify(document);
    const state = known ?? { stored: new Map(), lists: new Map() };
    const [blobs, about] = await Promise.all([
      rowsToStore(state, values, newVersions, this.serde, { thread, namespace }),
      this.serde.dumpsTyped(metadata),
    ]);
    await this.#store({
      thread,
      writes: [],
      blobs,
      checkpoint: {
        thread,
        namespace,
        checkpoint: checkpoint.id,
        parent,
        json,
        metadata: new TextDecoder().decode(about[1]),
        blobs: known?.stored.size,
      },
    });
    this.#known.set(keyOf(thread, namespace, checkpoint.id), state);
    if (namespace === "") {
      if (metadata.source === "input") this.#addressed.delete(thread);
      if (metadata.step > 0 && metadata.step % pruneEvery === 0) await this.#prune(thread);
    }
    return { configurable: { thread_id: thread, checkpoint_ns: namespace, checkpoint_id: checkpoint.id } };
  }

  override async putWrites(
    config: RunnableConfig,
    writes: PendingWrite[],
    taskId: string,
    taskPath = "",
  ): Promise<void> {
    const { thread, namespace, checkpoint } = placeIn(config);
    if (checkpoint === undefined) throw new Error('putWrites needs "checkpoint_id" in config.configurable');
    const rows = writes.map(async ([channel, value], i): Promise<WriteRow> => {
      const [type, bytes] = await this.serde.dumpsTyped(value);
      const idx = WRITES_IDX_MAP[channel] ?? i;
      return { thread, namespace, checkpoint, task: taskId, path: taskPath, idx, channel, type, bytes };
    });
    await this.#store({ thread, writes: await Promise.all(rows), blobs: [] });
  }

  /** @throws CheckpointDamagedError instead of undefined where there was a checkpoint. */
  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { thread, namespace, checkpoint } = placeIn(config);
    if (namespace === "" && checkpoint !== undefined && this.#keepLast !== undefined) {
      this.#addressed.add(thread);
    }
    const which = "WHERE c.thread_id = $1 AND c.checkpoint_ns = $2";
    const found =
      checkpoint === undefined
        ? await this.#lookup.find(thread, `${which} ORDER BY c.checkpoint_id DESC LIMIT 1`, [
            thread,
            namespace,
          ])
        : await this.#lookup.find(thread, `${which} AND c.checkpoint_id = $3`, [
            thread,
            namespace,
            checkpoint,
          ]);
    const [row] = found.checkpoints;
    if (row === undefined) {
      if (checkpoint === undefined) await this.#lookup.refuseLost(thread, namespace);
      return undefined;
    }
    const reading = await found.read(row);
    this.#known.set(keyOf(thread, namespace, row.checkpoint_id), knownFrom(reading));
    return this.#complete(reading);
  }

  override async *list(
    config: RunnableConfig,
    options: CheckpointListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const { filter, before, limit } = options;
    const earlier = before?.configurable?.checkpoint_id ? before : undefined;
    const { clear, own } = splitFilter(filter);
    const [where, values] = this._searchWhere(config, clear, earlier);
    const order = `ORDER BY checkpoint_id DESC${limit === undefined ? "" : ` LIMIT ${Math.trunc(limit)}`}`;
    const { thread_id: thread, checkpoint_ns: namespace } = config.configurable ?? {};
    const found =
      own === undefined
        ? await this.#lookup.find(thread, `${where} ${order}`, values)
        : await this.#lookup.findFitting(thread, where, values, own, limit);
    if (found.checkpoints.length === 0 && thread)
      await this.#lookup.refuseLost(thread, namespace ?? undefined);
    for (const row of found.checkpoints) yield this.#complete(await found.read(row));
  }

  /**
   * With leases, what the ledger has of the thread goes too: begun anew, it makes its effects anew.
   *
   * @throws LeaseHeldError when another process runs the thread.
   */
  override async deleteThread(threadId: string): Promise<void> {
    for (const key of this.#known.keys()) if (key.startsWith(`${threadId}\0`)) this.#known.delete(key);
    this.#addressed.delete(threadId);
    const fence = this.#fence;
    const place = { pool: this.#pool, schema: this.#schema };
    await onBehalfOf(threadId, "it was not deleted", () =>
      patiently(this.#patienceMs, () =>
        fence === undefined ? super.deleteThread(threadId) : removeThread(place, threadId, fence),
      ),
    );
  }

  async #prune(thread: string): Promise<void> {
    const keepLast = this.#keepLast;
    if (keepLast === undefined || this.#addressed.has(thread)) return;
    const place = { pool: this.#pool, schema: this.#schema };
    // Housekeeping: the run has what it needs without it.
    await pruneOwn(place, thread, keepLast, this.#fence).catch((error: unknown) => {
      const said = classify(error).message.replace(/\s+/g, " ");
      process.emitWarning(
        `Thread ${thread}: its older checkpoints were not taken away (${said}). The run goes on, and this is tried again ${pruneEvery} supersteps later.`,
        "RetentionWarning",
      );
    });
  }

  #store(work: Work): Promise<void> {
    return onBehalfOf(work.thread, "its checkpoint was not stored", () => this.#writer.write(work));
  }

  /** What only the oldest checkpoints need: before format 4 a superstep's Sends stood with its parent. */
  async #complete({ tuple }: Reading): Promise<CheckpointTuple> {
    const { checkpoint, parentConfig } = tuple;
    tuple.metadata = await this._loadMetadata((tuple.metadata ?? {}) as Record<string, unknown>);
    if (checkpoint.v >= 4 || parentConfig === undefined) return tuple;
    const parent = await this.getTuple(parentConfig);
    const sends =
      parent?.pendingWrites?.filter(([, channel]) => channel === TASKS).map(([, , value]) => value) ?? [];
    const versions = Object.values(checkpoint.channel_versions);
    checkpoint.channel_values[TASKS] = sends;
    checkpoint.channel_versions[TASKS] =
      versions.length > 0 ? maxChannelVersion(...versions) : this.getNextVersion(undefined);
    return tuple;
  }

  /** What is known of the parent is the child's from now on; of a thread that begins, that nothing stands. */
  #take(thread: string, namespace: string, parent: string | undefined): Known | undefined {
    if (parent === undefined) return { stored: new Map(), lists: new Map() };
    const key = keyOf(thread, namespace, parent);
    const known = this.#known.get(key);
    this.#known.delete(key);
    return known;
  }
}

interface Place {
  readonly thread: string;
  readonly namespace: string;
  readonly checkpoint: string | undefined;
}

function placeIn({ configurable }: RunnableConfig): Place {
  if (configurable === undefined) throw new Error(`Missing "configurable" field in "config" param`);
  const { thread_id: thread, checkpoint_ns: namespace = "", checkpoint_id: id } = configurable;
  // As in the other savers: an empty id is none.
  return { thread, namespace, checkpoint: id || undefined };
}

const keyOf = (thread: string, namespace: string, checkpoint: string): string =>
  [thread, namespace, checkpoint].join("\0");
