/** A batch of work as the parameters of the one statement that stores it. Used by the writer alone. */
import type { Keys } from "../encryption.ts";
import {
  appendType,
  type BlobRow,
  digestOfBlob,
  digestOfWrite,
  sameItemType,
  sameType,
  type Work,
  type WriteRow,
} from "./rows.ts";
import { sealedBlob, sealedCheckpoint, sealedWrite } from "./sealed.ts";

/** The batch as the columns that the statement takes, $1 to $29. @param keys - Undefined: nothing is sealed. */
export function parametersOf(batch: readonly Work[], keys?: Keys): unknown[] {
  const parts: Uint8Array[] = [];
  let end = 1; // SQL counts from 1.
  const keep = (bytes: Uint8Array): number => {
    const start = end;
    parts.push(bytes);
    end += bytes.length;
    return start;
  };
  const writes = columns(11);
  for (const plain of pointing(oneOfEach(batch.flatMap((work) => work.writes)), batch)) {
    const row = keys === undefined || isPointer(plain) ? plain : sealedWrite(keys, plain);
    const { thread, namespace, checkpoint, task, idx, channel, type, path, bytes } = row;
    const digest = digestOfWrite(row);
    add(writes, [
      thread,
      namespace,
      checkpoint,
      task,
      idx,
      channel,
      type,
      path,
      digest,
      keep(bytes),
      bytes.length,
    ]);
  }
  const blobs = columns(9);
  for (const plain of batch.flatMap((work) => work.blobs)) {
    const row = keys === undefined ? plain : sealedBlob(keys, plain);
    const { thread, namespace, channel, version, type, base = null, bytes } = row;
    add(blobs, [
      thread,
      namespace,
      channel,
      version,
      type,
      base,
      digestOfBlob(row),
      keep(bytes),
      bytes.length,
    ]);
  }
  const checkpoints = columns(8);
  const latest = new Map(
    batch.flatMap(({ checkpoint: c }) =>
      c ? [[`${c.thread}\0${c.namespace}\0${c.checkpoint}`, c] as const] : [],
    ),
  );
  for (const plain of latest.values()) {
    const row = keys === undefined ? plain : sealedCheckpoint(keys, plain);
    const { thread, namespace, checkpoint, parent = null, blobs: count = null, json, metadata } = row;
    const [document, about] = [Buffer.from(json), Buffer.from(metadata)];
    const start = keep(document);
    keep(about);
    add(checkpoints, [thread, namespace, checkpoint, parent, count, start, document.length, about.length]);
  }
  return [Buffer.concat(parts), ...writes, ...blobs, ...checkpoints];
}

/** One row for each place, since a statement may not meet one twice: an ordinary write stays, a special one is replaced. */
function oneOfEach(writes: readonly WriteRow[]): WriteRow[] {
  const rows = new Map<string, WriteRow>();
  for (const row of writes) {
    const place = [row.thread, row.namespace, row.checkpoint, row.task, row.idx].join("\0");
    if (row.idx < 0 || !rows.has(place)) rows.set(place, row);
  }
  return [...rows.values()];
}

/**
 * A value that a task wrote and a channel took as it was stands twice in one batch. Once is enough: the write points
 * at the blob. Decided for a batch as it is sent, since only what is committed together may point.
 */
function pointing(writes: readonly WriteRow[], batch: readonly Work[]): WriteRow[] {
  const blobs = new Map<string, BlobRow>();
  for (const { blobs: rows, checkpoint } of batch) {
    if (checkpoint?.parent === undefined) continue;
    for (const blob of rows) {
      blobs.set([blob.thread, blob.namespace, checkpoint.parent, blob.channel].join("\0"), blob);
    }
  }
  return writes.map((write) => {
    const blob = blobs.get([write.thread, write.namespace, write.checkpoint, write.channel].join("\0"));
    const type =
      blob === undefined || write.bytes.length < pointerBytes ? undefined : pointerType(write, blob);
    return blob === undefined || type === undefined
      ? write
      : { ...write, type, bytes: Buffer.from(blob.version) };
  });
}

/** A pointer is some twenty bytes, and a reader has to follow it. */
const pointerBytes = 128;

function pointerType(write: WriteRow, blob: BlobRow): string | undefined {
  const whole = Buffer.from(blob.bytes.buffer, blob.bytes.byteOffset, blob.bytes.length);
  const json = blob.type === "json" || blob.type === appendType;
  if (write.type !== (json ? "json" : blob.type)) return undefined;
  if (whole.equals(write.bytes)) return sameType;
  // Of JSON only a list begins with a bracket, so what stands between the first and the last one is its only element.
  return json && whole[0] === openingBracket && whole.subarray(1, -1).equals(write.bytes)
    ? sameItemType
    : undefined;
}

const isPointer = ({ type }: WriteRow): boolean => type === sameType || type === sameItemType;

const openingBracket = "[".charCodeAt(0);

function columns(count: number): unknown[][] {
  return Array.from({ length: count }, () => []);
}

function add(to: unknown[][], row: readonly unknown[]): void {
  for (let i = 0; i < row.length; i++) to[i]?.push(row[i]);
}
