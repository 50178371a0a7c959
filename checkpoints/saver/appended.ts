/**
 * Finds out whether a list is what was stored of it plus something at its end, so that only the end need be stored.
 *
 * Used by the saver. A list that was trimmed, replaced or reordered, or whose elements were changed in place, is not:
 * it is compared with a copy of the stored one down to its last field, never by the identity of its elements.
 */

/** What the saver knows of a list as it is stored. Grows with it. */
export interface StoredList {
  /** The channel's version under which the whole stands. */
  readonly version: string;
  /** Parts that a reader has to put together. */
  readonly parts: number;
  readonly bytes: number;
  /** A copy, whose strings are shared with the original. */
  readonly items: Copy[];
}

/** A primitive stands for itself. */
type Copy = unknown;

class Fields {
  readonly proto: object | null;
  /** Of a list, since one with holes has fewer names than elements. */
  readonly length: number | undefined;
  readonly names: readonly string[];
  readonly values: readonly Copy[];

  constructor(of: object, names: readonly string[], values: readonly Copy[]) {
    this.proto = Object.getPrototypeOf(of) as object | null;
    this.length = lengthOf(of);
    this.names = names;
    this.values = values;
  }
}

/** Stands for what cannot be compared. */
const none = Symbol("not comparable");

/**
 * A copy of `list`, or of its end, to compare with later.
 *
 * @param whole - The list whose end `list` is.
 * @returns undefined when an element cannot be compared field by field, such as a Map, a Date, a cycle, or one that
 *   leads back to the list.
 */
export function copyOf(list: readonly unknown[], whole = list): Copy[] | undefined {
  const copies: Copy[] = [];
  for (let i = 0; i < list.length; i++) {
    const copy = copyOfValue(list[i], [whole]);
    if (copy === none) return undefined;
    copies.push(copy);
  }
  return copies;
}

/** @returns The elements of `list` beyond the stored ones; undefined when it is not the stored list with more behind. */
export function appendedTo(stored: StoredList, list: readonly unknown[]): unknown[] | undefined {
  const { items } = stored;
  if (list.length < items.length) return undefined;
  for (let i = 0; i < items.length; i++) {
    if (!same(items[i], list[i])) return undefined;
  }
  return list.slice(items.length);
}

function copyOfValue(value: unknown, around: readonly object[]): Copy {
  if (typeof value === "function" || typeof value === "symbol") return none;
  if (typeof value !== "object" || value === null) return value;
  if (!comparable(value) || around.includes(value)) return none;
  const within = [...around, value];
  const names = Object.keys(value);
  const values: Copy[] = [];
  for (const name of names) {
    const copy = copyOfValue((value as Record<string, unknown>)[name], within);
    if (copy === none) return none;
    values.push(copy);
  }
  return new Fields(value, names, values);
}

function same(copy: Copy, value: unknown): boolean {
  if (!(copy instanceof Fields)) return Object.is(copy, value);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== copy.proto)
    return false;
  if (copy.length !== lengthOf(value)) return false;
  const { names, values } = copy;
  let count = 0;
  // In order: two objects whose keys stand in another order are written differently.
  for (const name in value) {
    if (names[count] !== name || !same(values[count], (value as Record<string, unknown>)[name])) return false;
    count++;
  }
  return count === names.length;
}

const lengthOf = (value: object): number | undefined => (Array.isArray(value) ? value.length : undefined);

/** Plain objects, lists, and LangChain's messages, which keep all that is written of them in fields of their own. */
function comparable(value: object): boolean {
  const proto = Object.getPrototypeOf(value) as object | null;
  return proto === null || proto === Object.prototype || Array.isArray(value) || "lc_serializable" in value;
}
