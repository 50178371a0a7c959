/**
 * A saver that stores everything twice, in the saver under test and in LangGraph's MemorySaver, and fails the run as
 * soon as the first reads anything that the second does not.
 *
 * Used by the checkpointer suite: any graph run on it is a comparison of whole checkpoints, pending writes and their
 * order included, with the same ids on both sides. The reading is done by the instance that wrote and by a new one, so
 * that neither what an instance remembers nor what it has stored can be wrong alone.
 *
 * MemorySaver is no oracle for these, and they are left out: values of channels without a version, which nobody has
 * written yet (it keeps their defaults, and fails the official suite for it), the config that it echoes as it was
 * asked, and the order of `list` over several namespaces.
 */
import { deepStrictEqual } from "node:assert";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type ChannelVersions,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  type MemorySaver,
  type PendingWrite,
} from "@langchain/langgraph-checkpoint";

export class Mirror extends BaseCheckpointSaver {
  readonly #saver: BaseCheckpointSaver;
  readonly #open: () => BaseCheckpointSaver;
  readonly #memory: MemorySaver;

  /** @param open - Makes another instance of the saver under test on the same data. */
  constructor(open: () => BaseCheckpointSaver, memory: MemorySaver) {
    super();
    this.#saver = open();
    this.#open = open;
    this.#memory = memory;
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const [found, reread, expected] = await Promise.all([
      this.#saver.getTuple(config),
      this.#open().getTuple(config),
      this.#memory.getTuple(config),
    ]);
    same(found, expected);
    same(reread, expected);
    return found;
  }

  override async *list(
    config: RunnableConfig,
    options?: CheckpointListOptions,
  ): AsyncGenerator<CheckpointTuple> {
    const found = await all(this.#saver.list(config, options));
    const expected = await all(this.#memory.list(config, options));
    deepStrictEqual(byPlace(found), byPlace(expected));
    yield* found;
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    newVersions: ChannelVersions,
  ): Promise<RunnableConfig> {
    const [next, expected] = await Promise.all([
      this.#saver.put(config, checkpoint, metadata, newVersions),
      this.#memory.put(config, checkpoint, metadata),
    ]);
    deepStrictEqual(next, expected);
    // Without the writes: these may be on their way already.
    const [reread, kept] = await Promise.all([this.#open().getTuple(next), this.#memory.getTuple(next)]);
    deepStrictEqual(reread && withoutWrites(reread), kept && withoutWrites(kept));
    return next;
  }

  override async putWrites(
    config: RunnableConfig,
    writes: PendingWrite[],
    taskId: string,
    taskPath?: string,
  ): Promise<void> {
    await Promise.all([
      this.#saver.putWrites(config, writes, taskId, taskPath),
      this.#memory.putWrites(config, writes, taskId, taskPath),
    ]);
  }

  override async getDeltaChannelHistory(options: { config: RunnableConfig; channels: string[] }) {
    const [found, expected] = await Promise.all([
      this.#saver.getDeltaChannelHistory(options),
      this.#memory.getDeltaChannelHistory(options),
    ]);
    deepStrictEqual(found, expected);
    return found;
  }

  override async deleteThread(threadId: string): Promise<void> {
    await Promise.all([this.#saver.deleteThread(threadId), this.#memory.deleteThread(threadId)]);
  }

  override getNextVersion(current: number | undefined): number {
    return this.#saver.getNextVersion(current);
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

function same(found: CheckpointTuple | undefined, expected: CheckpointTuple | undefined): void {
  deepStrictEqual(found && comparable(found), expected && comparable(expected));
}

const comparable = (tuple: CheckpointTuple): unknown => ({
  ...withoutWrites(tuple),
  writes: tuple.pendingWrites,
});

function withoutWrites({ config, parentConfig, checkpoint, metadata }: CheckpointTuple) {
  const written = Object.entries(checkpoint.channel_values).filter(([channel]) =>
    Object.hasOwn(checkpoint.channel_versions, channel),
  );
  return {
    place: placeOf(config),
    parent: parentConfig && placeOf(parentConfig),
    checkpoint: { ...checkpoint, channel_values: Object.fromEntries(written) },
    metadata,
  };
}

function placeOf({ configurable }: RunnableConfig): unknown[] {
  return [configurable?.thread_id, configurable?.checkpoint_ns ?? "", configurable?.checkpoint_id];
}

/** In the order listed, but for namespaces. */
function byPlace(tuples: readonly CheckpointTuple[]): Record<string, unknown[]> {
  const places: Record<string, unknown[]> = {};
  for (const tuple of tuples) {
    const [thread, namespace] = placeOf(tuple.config);
    const key = JSON.stringify([thread, namespace]);
    places[key] ??= [];
    places[key].push(comparable(tuple));
  }
  return places;
}
