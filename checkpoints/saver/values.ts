/**
 * What of a checkpoint's channel values has to be stored, given what stands already.
 *
 * Used by the saver. A list that has only grown costs its new end, any other value its whole.
 */
import type { ChannelVersions, SerializerProtocol } from "@langchain/langgraph-checkpoint";
import { appendedTo, copyOf, type StoredList } from "./appended.ts";
import type { Reading } from "./reader.ts";
import { appendType, type BlobRow } from "./rows.ts";

/** A list shorter than this, in bytes, is stored whole each time: a reader then needs one row. */
const shortList = 1_024;
/** A list of more parts than this is stored whole once more, which bounds the time it takes to read one. */
const mostParts = 10_000;

/** What stands in the tables of one checkpoint. Belongs to its next successor alone: the lists grow with it. */
export interface Known {
  /** The version under which a channel has a blob. */
  readonly stored: Map<string, string>;
  readonly lists: Map<string, StoredList>;
}

export function knownFrom({ stored, lists }: Reading): Known {
  const known: Known = { stored, lists: new Map() };
  for (const [channel, { value, ...list }] of lists) {
    const items = copyOf(value);
    if (items !== undefined) known.lists.set(channel, { ...list, items });
  }
  return known;
}

export const sizeOf = ({ lists }: Known): number =>
  [...lists.values()].reduce((sum, { bytes }) => sum + bytes, 1_024);

/**
 * The rows for the channels that changed. `known` is made what will stand when they are stored.
 *
 * Takes the values as they are before it first waits: what is stored is the state of one moment.
 */
export async function rowsToStore(
  known: Known,
  values: Readonly<Record<string, unknown>>,
  changed: ChannelVersions,
  serde: SerializerProtocol,
  place: { readonly thread: string; readonly namespace: string },
): Promise<BlobRow[]> {
  const rows = Object.entries(changed).map(async ([channel, number]): Promise<BlobRow[]> => {
    const version = String(number);
    const list = known.lists.get(channel);
    known.lists.delete(channel);
    known.stored.delete(channel);
    if (!Object.hasOwn(values, channel)) return [];
    known.stored.set(channel, version);
    const value = values[channel];
    const end =
      Array.isArray(value) && list !== undefined && canGrow(list) ? appendedTo(list, value) : undefined;
    const items = Array.isArray(value) ? copyOf(end ?? value, value) : undefined;
    // An element that leads back to its list would be written otherwise in the end than in the whole.
    const added = items === undefined ? undefined : end;
    const [type, bytes] = await serde.dumpsTyped(added ?? value);
    if (added === undefined || list === undefined || items === undefined) {
      if (items !== undefined) known.lists.set(channel, { version, parts: 1, bytes: bytes.length, items });
      return [{ ...place, channel, version, type, bytes }];
    }
    // One by one: spread into a call, they would all stand on the stack.
    for (const item of items) list.items.push(item);
    known.lists.set(channel, {
      version,
      parts: list.parts + 1,
      bytes: list.bytes + bytes.length,
      items: list.items,
    });
    return [{ ...place, channel, version, type: appendType, bytes, base: list.version }];
  });
  return (await Promise.all(rows)).flat();
}

function canGrow({ bytes, parts }: StoredList): boolean {
  return bytes >= shortList && parts < mostParts;
}
