/** The rows that the reader's statement finds, and what a row must satisfy to be believed. Used by the reader alone. */
import type { Checkpoint, CheckpointMetadata } from "@langchain/langgraph-checkpoint";
import { type Keys, open } from "../encryption.ts";
import { CheckpointDamagedError, type CheckpointPlace } from "./damaged.ts";
import { digestOfBlob, digestOfWrite } from "./rows.ts";
import { isSealed, orDamaged, placeOfBlob, placeOfWrite, sealedPrefix } from "./sealed.ts";

export interface CheckpointFound {
  readonly kind: "checkpoint";
  readonly thread_id: string;
  readonly checkpoint_ns: string;
  readonly checkpoint_id: string;
  readonly parent_checkpoint_id: string | null;
  readonly checkpoint: Omit<Checkpoint, "channel_values">;
  readonly metadata: CheckpointMetadata;
  readonly blobs: number | null;
  readonly whole: boolean;
}

export interface BlobFound {
  readonly kind: "blob";
  readonly thread_id: string;
  readonly checkpoint_ns: string;
  readonly channel: string;
  readonly version: string;
  readonly base: string | null;
  readonly type: string;
  readonly blob: Uint8Array | null;
  readonly digest: number | null;
}

export interface WriteFound {
  readonly kind: "write";
  readonly thread_id: string;
  readonly checkpoint_ns: string;
  readonly checkpoint_id: string;
  readonly channel: string;
  readonly task_id: string;
  readonly idx: number;
  readonly task_path: string;
  readonly type: string;
  readonly blob: Uint8Array;
  readonly digest: number | null;
  /** Of the blob in which the value stands: its row, for the types "same" and "same-item". */
  readonly version: string | null;
  readonly base: string | null;
  readonly same_blob: Uint8Array | null;
  readonly same_type: string | null;
  readonly same_digest: number | null;
}

export type Found = CheckpointFound | BlobFound | WriteFound;

/** The checkpoint formats of LangGraph that this code reads. */
const newestCheckpoint = 4;

/**
 * What shows without a checksum, which the stock saver's rows don't have.
 *
 * @throws CheckpointDamagedError for a format that is not known, and for a row that was cut short.
 */
export function checkFormat(
  { checkpoint, metadata, blobs }: Pick<CheckpointFound, "checkpoint" | "metadata" | "blobs">,
  place: CheckpointPlace,
): void {
  const cutShort = () => new CheckpointDamagedError(place, "its row is cut short");
  if (!isObject(checkpoint) || !isObject(metadata)) throw cutShort();
  const { v, id, channel_versions: versions, versions_seen: seen } = checkpoint;
  if (typeof v === "number" && v > newestCheckpoint) {
    const mend = "Update LangGraph and this project to the version that wrote it.";
    throw new CheckpointDamagedError(
      place,
      `it has checkpoint format ${v}, and ${newestCheckpoint} is the newest known`,
      mend,
    );
  }
  const complete =
    typeof v === "number" &&
    typeof id === "string" &&
    isObject(versions) &&
    isObject(seen) &&
    Object.values(versions).every(isVersion);
  if (!complete) throw cutShort();
  // How many values there are is not known. But nodes have seen versions of channels, so there are some.
  const hasSeen = () => Object.values(seen).some((one) => isObject(one) && !isEmpty(one));
  if (blobs === null && isEmpty(versions) && hasSeen())
    throw new CheckpointDamagedError(place, "the versions of its channels are gone");
}

/** @throws CheckpointDamagedError when it is not what was written. A row of the stock saver has no digest. */
export function checkWrite(
  { channel, task_id: task, task_path: path, idx, type, blob: bytes, digest }: WriteFound,
  place: CheckpointPlace,
): void {
  if (digest === null || digest === digestOfWrite({ task, path, idx, channel, type, bytes })) return;
  throw new CheckpointDamagedError(place, `the write of task ${task} to ${channel} is not what was written`);
}

/** @throws CheckpointDamagedError when it is not what was written. A row of the stock saver has no digest. */
export function checkBlob(
  row: Pick<BlobFound, "channel" | "version" | "base" | "type" | "blob" | "digest">,
  place: CheckpointPlace,
): void {
  const { channel, version, base, type, blob, digest } = row;
  const expected = digestOfBlob({
    channel,
    version,
    type,
    bytes: blob ?? new Uint8Array(),
    ...(base === null ? {} : { base }),
  });
  const isNotNone = type === "empty" && blob !== null && blob.length > 0;
  if (isNotNone || (digest !== null && digest !== expected)) {
    throw new CheckpointDamagedError(place, `the value of channel ${channel} is not what was written`);
  }
}

/** The row as it was before it was sealed; itself when it was not. @throws CheckpointDamagedError. */
export function openedWrite(keys: Keys | undefined, row: WriteFound, at: CheckpointPlace): WriteFound {
  if (!isSealed(row.type)) return row;
  const { channel, task_id: task, task_path: path, idx } = row;
  const names = { thread: row.thread_id, namespace: row.checkpoint_ns, checkpoint: row.checkpoint_id };
  const type = row.type.slice(sealedPrefix.length);
  const place = placeOfWrite({ ...names, task, path, idx, channel }, type);
  const blob = orDamaged(at, `the write of task ${task} to ${channel}`, () => open(keys, place, row.blob));
  return { ...row, type, blob };
}

type BlobNames = Pick<
  BlobFound,
  "thread_id" | "checkpoint_ns" | "channel" | "version" | "base" | "type" | "blob"
>;

/** The row as it was before it was sealed; itself when it was not. @throws CheckpointDamagedError. */
export function openedBlob<T extends BlobNames>(keys: Keys | undefined, row: T, at: CheckpointPlace): T {
  if (!isSealed(row.type)) return row;
  const { thread_id: thread, checkpoint_ns: namespace, channel, version, base } = row;
  const type = row.type.slice(sealedPrefix.length);
  const place = placeOfBlob(
    { thread, namespace, channel, version, ...(base === null ? {} : { base }) },
    type,
  );
  const bytes = row.blob ?? new Uint8Array();
  const blob = orDamaged(at, `the value of channel ${channel}`, () => open(keys, place, bytes));
  return { ...row, type, blob };
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isEmpty = (object: object): boolean => Object.keys(object).length === 0;
const isVersion = (value: unknown): boolean => typeof value === "number" || typeof value === "string";
