/**
 * Puts checkpoints together from the rows that hold them, and refuses what is damaged or missing.
 *
 * Used by the saver. Every value is read anew for each checkpoint, so that what is given out is nobody else's.
 */
import {
  type CheckpointPendingWrite,
  type CheckpointTuple,
  compareWritesSortKeys,
  type SerializerProtocol,
  writesSortKey,
} from "@langchain/langgraph-checkpoint";
import type { Keys } from "../encryption.ts";
import { CheckpointDamagedError, type CheckpointPlace } from "./damaged.ts";
import {
  type BlobFound,
  type CheckpointFound,
  checkBlob,
  checkFormat,
  checkWrite,
  type Found,
  openedBlob,
  openedWrite,
  type WriteFound,
} from "./found.ts";
import { appendType, sameItemType } from "./rows.ts";
import { isSealed, openedMetadata } from "./sealed.ts";

/** A list as it stands in the tables, for the saver to go on from. */
export interface ListFound {
  readonly version: string;
  readonly parts: number;
  readonly bytes: number;
  readonly value: readonly unknown[];
}

export interface Reading {
  readonly tuple: CheckpointTuple;
  /** Channels that have a blob, with the versions these stand under. */
  readonly stored: Map<string, string>;
  readonly lists: Map<string, ListFound>;
}

export const placeOf = ({ thread_id, checkpoint_ns, checkpoint_id }: CheckpointFound): CheckpointPlace => ({
  thread: thread_id,
  namespace: checkpoint_ns,
  checkpoint: checkpoint_id,
});

/** What one statement found. Newest first. */
export class Findings {
  readonly checkpoints: readonly CheckpointFound[];
  readonly #blobs = new Map<string, BlobFound>();
  readonly #writes = new Map<string, WriteFound[]>();
  readonly #serde: SerializerProtocol;
  readonly #keys: Keys | undefined;
  /** What was sealed. A history asks for the same parts at each of its checkpoints. */
  readonly #opened = new Map<BlobFound, BlobFound>();

  constructor(rows: readonly Found[], serde: SerializerProtocol, keys?: Keys) {
    this.#serde = serde;
    this.#keys = keys;
    this.checkpoints = rows
      .filter((row) => row.kind === "checkpoint")
      .sort((a, b) => (a.checkpoint_id < b.checkpoint_id ? 1 : a.checkpoint_id > b.checkpoint_id ? -1 : 0));
    for (const row of rows) {
      if (row.kind === "blob") this.#blobs.set(blobKey(row, row.channel, row.version), row);
      if (row.kind === "write") {
        const key = checkpointKey(row);
        const others = this.#writes.get(key);
        if (others === undefined) this.#writes.set(key, [row]);
        else others.push(row);
      }
    }
  }

  /** @throws CheckpointDamagedError. */
  async read(row: CheckpointFound): Promise<Reading> {
    const place = placeOf(row);
    const { checkpoint } = row;
    if (!row.whole) throw new CheckpointDamagedError(place, "its row is not what was written");
    checkFormat(row, place);
    const stored = new Map<string, string>();
    const lists = new Map<string, ListFound>();
    const values: Record<string, unknown> = {};
    for (const [channel, number] of Object.entries(checkpoint.channel_versions)) {
      const version = String(number);
      const parts = this.#partsOf(row, channel, version, place);
      const [first] = parts;
      if (first === undefined) continue;
      stored.set(channel, version);
      if (first.type === "empty") continue;
      const value = await this.#valueOf(parts, channel, place);
      Object.defineProperty(values, channel, { value, enumerable: true, configurable: true, writable: true });
      if (Array.isArray(value))
        lists.set(channel, { version, parts: parts.length, bytes: bytesOf(parts), value });
    }
    if (row.blobs !== null && row.blobs !== stored.size) {
      throw new CheckpointDamagedError(
        place,
        `it has ${row.blobs} channel values, and ${stored.size} are there`,
      );
    }
    const { thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id: parent } = row;
    const at = (id: string) => ({ configurable: { thread_id, checkpoint_ns, checkpoint_id: id } });
    const tuple: CheckpointTuple = {
      config: at(checkpoint_id),
      checkpoint: { ...checkpoint, channel_values: values },
      metadata: openedMetadata(this.#keys, place, row.metadata),
      ...(parent === null ? {} : { parentConfig: at(parent) }),
      pendingWrites: await this.#writesOf(row, place),
    };
    return { tuple, stored, lists };
  }

  /** The blob of a version, after those that it follows; none when the channel has no value. */
  #partsOf(of: CheckpointFound, channel: string, version: string, place: CheckpointPlace): BlobFound[] {
    const parts: BlobFound[] = [];
    for (let next: string | null = version; next !== null; ) {
      const row = this.#blobs.get(blobKey(of, channel, next));
      if (row === undefined) {
        if (parts.length === 0) return [];
        throw new CheckpointDamagedError(place, `an earlier part of channel ${channel} is missing`);
      }
      checkBlob(row, place);
      if (parts.length === this.#blobs.size)
        throw new CheckpointDamagedError(
          place,
          `the parts of channel ${channel} follow one another in a circle`,
        );
      parts.push(this.#open(row, place));
      next = row.base;
    }
    return parts.reverse();
  }

  #open(row: BlobFound, place: CheckpointPlace): BlobFound {
    if (!isSealed(row.type)) return row;
    const known = this.#opened.get(row);
    if (known !== undefined) return known;
    const opened = openedBlob(this.#keys, row, place);
    this.#opened.set(row, opened);
    return opened;
  }

  async #valueOf(parts: readonly BlobFound[], channel: string, place: CheckpointPlace): Promise<unknown> {
    const [first, ...rest] = parts;
    const value = await this.#load(first?.type ?? "", first?.blob ?? null, channel, place);
    if (rest.length === 0) return value;
    if (!Array.isArray(value))
      throw new CheckpointDamagedError(place, `channel ${channel} is no list any more`);
    for (const part of rest) {
      const added = (await this.#load(part.type, part.blob, channel, place)) as unknown[];
      // One by one: spread into a call, they would all stand on the stack.
      for (const item of added) value.push(item);
    }
    return value;
  }

  async #writesOf(row: CheckpointFound, place: CheckpointPlace): Promise<CheckpointPendingWrite[]> {
    const sorted = (this.#writes.get(checkpointKey(row)) ?? []).sort((a, b) =>
      compareWritesSortKeys(
        writesSortKey(a.task_path, a.task_id, a.idx),
        writesSortKey(b.task_path, b.task_id, b.idx),
      ),
    );
    const writes: CheckpointPendingWrite[] = [];
    for (const write of sorted) {
      writes.push([write.task_id, write.channel, await this.#valueOfWrite(write, place)]);
    }
    return writes;
  }

  async #valueOfWrite(write: WriteFound, place: CheckpointPlace): Promise<unknown> {
    checkWrite(write, place);
    const { channel, task_id: task, type, blob: bytes } = openedWrite(this.#keys, write, place);
    if (!type.startsWith("same")) return this.#load(type, bytes, channel, place);
    if (write.same_type === null || write.version === null) {
      throw new CheckpointDamagedError(place, `the value of task ${task} for ${channel} is missing`);
    }
    const stored = {
      ...write,
      version: write.version,
      type: write.same_type,
      blob: write.same_blob,
      digest: write.same_digest,
    };
    checkBlob(stored, place);
    const blob = openedBlob(this.#keys, stored, place);
    const value = await this.#load(blob.type, blob.blob, channel, place);
    return type === sameItemType ? (value as unknown[])[0] : value;
  }

  async #load(
    type: string,
    bytes: Uint8Array | null,
    channel: string,
    place: CheckpointPlace,
  ): Promise<unknown> {
    try {
      return await this.#serde.loadsTyped(type === appendType ? "json" : type, bytes ?? "");
    } catch (cause) {
      throw new CheckpointDamagedError(place, `a value of channel ${channel} cannot be read`, undefined, {
        cause,
      });
    }
  }
}

const bytesOf = (parts: readonly BlobFound[]): number =>
  parts.reduce((sum, { blob }) => sum + (blob?.length ?? 0), 0);

interface Place {
  readonly thread_id: string;
  readonly checkpoint_ns: string;
}

const blobKey = ({ thread_id, checkpoint_ns }: Place, channel: string, version: string): string =>
  [thread_id, checkpoint_ns, channel, version].join("\0");
const checkpointKey = (row: Place & { checkpoint_id: string }): string =>
  [row.thread_id, row.checkpoint_ns, row.checkpoint_id].join("\0");
