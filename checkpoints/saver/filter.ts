/**
 * `list({ filter })` where some of the metadata may be sealed: what stands in clear is compared in the database, as the
 * stock saver does, the rest here.
 *
 * Used by the saver's list alone.
 */
import type { Keys } from "../encryption.ts";
import { sealedKey } from "../sealed-json.ts";
import type { CheckpointPlace } from "./damaged.ts";
import { openedMetadata, staysClear } from "./sealed.ts";

type Filter = Record<string, unknown>;

export interface SplitFilter {
  /** On what LangGraph writes itself, which is never sealed. */
  readonly clear: Filter;
  /** On the other keys. Undefined when there are none. */
  readonly own: Filter | undefined;
}

export function splitFilter(filter: Filter = {}): SplitFilter {
  const entries = Object.entries(JSON.parse(JSON.stringify(filter)) as Filter);
  const own = entries.filter(([key]) => !staysClear(key));
  return {
    clear: Object.fromEntries(entries.filter(([key]) => staysClear(key))),
    own: own.length === 0 ? undefined : Object.fromEntries(own),
  };
}

/** The rows that fit, and those of which only an opened value can say. Adds its parameters to `values`. */
export function mayFit(own: Filter, values: unknown[]): string {
  const conditions = Object.entries(own).map(([key, value]) => {
    const [contained, name] = [values.push(JSON.stringify({ [key]: value })), values.push(key)];
    return `(metadata @> $${contained}::jsonb OR (metadata -> $${name}::text) ? '${sealedKey}')`;
  });
  return conditions.join(" AND ");
}

/** @throws CheckpointDamagedError when it cannot be opened. */
export function fits(keys: Keys | undefined, place: CheckpointPlace, metadata: Filter, own: Filter): boolean {
  const asked = Object.entries(metadata).filter(([key]) => Object.hasOwn(own, key));
  return contains(openedMetadata(keys, place, Object.fromEntries(asked)), own);
}

/** As jsonb's `@>` has it. */
function contains(whole: unknown, part: unknown): boolean {
  if (typeof part !== "object" || part === null) return whole === part;
  if (typeof whole !== "object" || whole === null) return false;
  if (Array.isArray(whole) !== Array.isArray(part)) return false;
  return Array.isArray(whole)
    ? Object.values(part).every((one) => whole.some((other) => contains(other, one)))
    : Object.entries(part).every(
        ([key, value]) => Object.hasOwn(whole, key) && contains((whole as Filter)[key], value),
      );
}
