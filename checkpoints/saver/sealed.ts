/**
 * What of the saver's rows is sealed, and bound to which of their names. Used where a batch is made and where rows are
 * read; without keys neither comes here for a row of its own.
 *
 * A sealed row's type begins with "sealed:", which the stock saver refuses as an unknown one. Channels, versions,
 * tasks and the keys of metadata stay legible, since the database finds rows by them.
 */
import { CannotOpenError, type Keys, type SealedPlace, seal } from "../encryption.ts";
import { openedJson, sealedJson } from "../sealed-json.ts";
import { CheckpointDamagedError, type CheckpointPlace } from "./damaged.ts";
import type { BlobRow, CheckpointRow, WriteRow } from "./rows.ts";

export const sealedPrefix = "sealed:";
export const isSealed = (type: string): boolean => type.startsWith(sealedPrefix);

/** What LangGraph writes itself: numbers, ids and channel names. Retention reads some of it in the database. */
const clearMetadata = new Set([
  "source",
  "step",
  "parents",
  "counters_since_delta_snapshot",
  "delta_writes_versioned",
]);

type BlobNames = Pick<BlobRow, "thread" | "namespace" | "channel" | "version" | "base">;
type WriteNames = Omit<WriteRow, "type" | "bytes">;

export const placeOfBlob = (row: BlobNames, type: string): SealedPlace => [
  row.thread,
  "blob",
  row.namespace,
  row.channel,
  row.version,
  row.base ?? "",
  type,
];

export const placeOfWrite = (row: WriteNames, type: string): SealedPlace => [
  row.thread,
  "write",
  row.namespace,
  row.checkpoint,
  row.task,
  row.path,
  String(row.idx),
  row.channel,
  type,
];

const placeOfMetadata = (row: CheckpointPlace, key: string): SealedPlace => [
  row.thread,
  "metadata",
  row.namespace,
  row.checkpoint ?? "",
  key,
];

export function sealedBlob<T extends BlobRow>(keys: Keys, row: T): T {
  const { type, bytes } = row;
  return { ...row, type: sealedPrefix + type, bytes: seal(keys, placeOfBlob(row, type), bytes) };
}

/** Not for a write that points at a blob: it holds a version only. */
export function sealedWrite<T extends WriteRow>(keys: Keys, row: T): T {
  const { type, bytes } = row;
  return { ...row, type: sealedPrefix + type, bytes: seal(keys, placeOfWrite(row, type), bytes) };
}

export function sealedCheckpoint(keys: Keys, row: CheckpointRow): CheckpointRow {
  const metadata = sealedMetadata(keys, row, JSON.parse(row.metadata) as object);
  return { ...row, metadata: JSON.stringify(metadata) };
}

export function sealedMetadata(keys: Keys, row: CheckpointPlace, metadata: object): object {
  return mapped(metadata, (key, value) =>
    staysClear(key) ? value : sealedJson(keys, placeOfMetadata(row, key), value),
  );
}

/** What each value of metadata was before it was sealed. @throws CheckpointDamagedError. */
export function openedMetadata<T extends object>(
  keys: Keys | undefined,
  row: CheckpointPlace,
  metadata: T,
): T {
  return mapped(metadata, (key, value) =>
    staysClear(key)
      ? value
      : orDamaged(row, `the metadata "${key}"`, () => openedJson(keys, placeOfMetadata(row, key), value)),
  ) as T;
}

export const staysClear = (key: string): boolean => clearMetadata.has(key);

/** @param what - The value's name in a sentence. @throws CheckpointDamagedError when `open` cannot. */
export function orDamaged<T>(place: CheckpointPlace, what: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (!(cause instanceof CannotOpenError)) throw cause;
    throw new CheckpointDamagedError(place, `${what} ${cause.message}`, cause.mend, { cause });
  }
}

function mapped(object: object, change: (key: string, value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(key, value)]));
}
