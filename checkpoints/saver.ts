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
import type pg from "pg";
import type { Keys } from "./encryption.ts";
import type { Fence } from "./fence.ts";
import { removeThread } from "./forget-thread.ts";
import { defaultPatienceMs, patiently } from "./patiently.ts";
import { onBehalfOf } from "./persistence-error.ts";
import { splitFilter } from "./saver/filter.ts";
import { Housekeeping } from "./saver/housekeeping.ts";
import { KnownStates } from "./saver/known-states.ts";
import { setUpLayout } from "./saver/layout.ts";
import { Lookup, nameOf } from "./saver/lookup.ts";
import { ownBytes } from "./saver/own-bytes.ts";
import { placeIn, threadOf } from "./saver/place.ts";
import type { Reading } from "./saver/reader.ts";
import type { Work, WriteRow } from "./saver/rows.ts";
import { tablesOf, writeBatch } from "./saver/statements.ts";
import { knownFrom, rowsToStore } from "./saver/values.ts";
import { createWriter, type Writer } from "./saver/writer.ts";
import { StartUpError } from "./start-up-error.ts";

/** How many fractions there are between two whole versions. A power of two, so that sums stay exact. */
const fractions = 2 ** 32;

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
  readonly #writer: Writer;
  readonly #lookup: Lookup;
  readonly #known = new KnownStates();
  readonly #housekeeping: Housekeeping;

  constructor(
    pool: pg.Pool,
    serde?: SerializerProtocol,
    { schema = "public", fence, patienceMs = defaultPatienceMs, keepLast, keys }: SaverOptions = {},
  ) {
    super(pool, serde, { schema });
    this.serde = ownBytes(this.serde);
    this.#pool = pool;
    this.#schema = schema;
    this.#patienceMs = patienceMs;
    this.#fence = fence;
    this.#housekeeping = new Housekeeping({ pool, schema }, keepLast, fence);
    const text = writeBatch(tablesOf(schema), fence !== undefined);
    this.#writer = createWriter(pool, { name: nameOf(text), text }, patienceMs, fence, keys);
    this.#lookup = new Lookup(pool, schema, patienceMs, this.serde, keys);
  }

  /** LangGraph's own would be made: the inherited method names its class. @throws StartUpError each time. */
  static override fromConnString(): never {
    throw new StartUpError("Open the saver by openPersistence({ databaseUrl }): it has no fromConnString.");
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
    const known = this.#known.take(thread, namespace, parent);
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
    this.#known.set(thread, namespace, checkpoint.id, state);
    if (namespace === "") await this.#housekeeping.stored(thread, metadata, newVersions);
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
    if (config.configurable?.thread_id === undefined) return undefined; // As in the other savers.
    const { thread, namespace, checkpoint } = placeIn(config);
    if (namespace === "" && checkpoint !== undefined) this.#housekeeping.addressed(thread);
    const which =
      checkpoint === undefined ? "ORDER BY c.checkpoint_id DESC LIMIT 1" : "AND c.checkpoint_id = $3";
    const found = await this.#lookup.find(
      thread,
      `WHERE c.thread_id = $1 AND c.checkpoint_ns = $2 ${which}`,
      checkpoint === undefined ? [thread, namespace] : [thread, namespace, checkpoint],
    );
    const [row] = found.checkpoints;
    if (row === undefined) {
      if (checkpoint === undefined) await this.#lookup.refuseLost(thread, namespace);
      return undefined;
    }
    const reading = await found.read(row);
    if (namespace === "" && checkpoint === undefined) this.#housekeeping.read(thread, row.metadata.step);
    this.#known.set(thread, namespace, row.checkpoint_id, knownFrom(reading));
    return this.#complete(reading);
  }

  override async *list(
    config: RunnableConfig,
    options: CheckpointListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const { filter, before, limit } = options;
    const { thread_id, checkpoint_ns: namespace } = config.configurable ?? {};
    const thread = thread_id === undefined ? undefined : threadOf(thread_id);
    const earlier = before?.configurable?.checkpoint_id ? before : undefined;
    const { clear, own } = splitFilter(filter);
    const within = { configurable: { ...config.configurable, thread_id: thread } };
    const [where, values] = this._searchWhere(within, clear, earlier);
    const most = limit === undefined ? Number.POSITIVE_INFINITY : Math.trunc(limit);
    let found = 0;
    for await (const page of this.#lookup.pages(thread, where, values, own, most)) {
      for (const row of page.checkpoints) yield this.#complete(await page.read(row));
      found += page.checkpoints.length;
    }
    if (found === 0 && thread !== undefined) await this.#lookup.refuseLost(thread, namespace ?? undefined);
  }

  /**
   * With leases, what the ledger has of the thread goes too: begun anew, it makes its effects anew.
   *
   * @throws LeaseHeldError when another process runs the thread.
   */
  override async deleteThread(threadId: string): Promise<void> {
    const thread = threadOf(threadId);
    this.#known.forget(thread);
    this.#housekeeping.forget(thread);
    const fence = this.#fence;
    const place = { pool: this.#pool, schema: this.#schema };
    await onBehalfOf(thread, "it was not deleted", () =>
      patiently(this.#patienceMs, () =>
        fence === undefined ? super.deleteThread(thread) : removeThread(place, thread, fence),
      ),
    );
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
}
