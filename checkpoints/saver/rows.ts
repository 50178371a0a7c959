/**
 * What the saver puts into LangGraph's three tables, and the few columns that it adds to them.
 *
 * The tables are those of the stock PostgresSaver, so that it can read what needs no more than them. Two kinds of row it
 * cannot read, and says so: a list's appended part (type "append", `base` names the version that it follows), and a
 * write whose value stands in a blob already (types "same" and "same-item").
 */
import { crc32 } from "node:zlib";

/** Of one superstep's task: a value for one channel, kept until its superstep is whole, and for history afterwards. */
export interface WriteRow {
  readonly thread: string;
  readonly namespace: string;
  readonly checkpoint: string;
  readonly task: string;
  readonly path: string;
  readonly idx: number;
  readonly channel: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A channel's value under a version, or the part by which it grew. */
export interface BlobRow {
  readonly thread: string;
  readonly namespace: string;
  readonly channel: string;
  readonly version: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The version before, whose list this row's elements follow. */
  readonly base?: string;
}

export interface CheckpointRow {
  readonly thread: string;
  readonly namespace: string;
  readonly checkpoint: string;
  readonly parent: string | undefined;
  readonly json: string;
  readonly metadata: string;
  /** How many of its channels have a blob; undefined when that is not known. */
  readonly blobs: number | undefined;
}

/** What is stored or not stored as one. */
export interface Work {
  readonly thread: string;
  readonly writes: readonly WriteRow[];
  readonly blobs: readonly BlobRow[];
  readonly checkpoint?: CheckpointRow;
}

export const appendType = "append";
/** The write's value is the blob's: whole, or its only element. The bytes are the blob's version. */
export const sameType = "same";
export const sameItemType = "same-item";

/** CRC-32 over what identifies a row and what it holds, as a signed integer. Finds damage, not malice. */
export function digestOfBlob(row: Omit<BlobRow, "thread" | "namespace">): number {
  return digest([row.channel, row.version, row.type, row.base ?? ""], row.bytes);
}

export function digestOfWrite(row: Omit<WriteRow, "thread" | "namespace" | "checkpoint">): number {
  return digest([row.task, row.path, String(row.idx), row.channel, row.type], row.bytes);
}

function digest(key: readonly string[], bytes: Uint8Array): number {
  return crc32(bytes, crc32(key.join("\u0000"))) | 0;
}
