/** What a ledger keeps of a value. Both ledgers and the first run use it, so that a replay gives back nothing else. */
import type { Json } from "../faults/index.ts";

/**
 * A Date becomes a string, undefined and NaN become null, -0 becomes 0, a class instance its plain fields.
 *
 * @throws TypeError for a bigint or a circle, as JSON.stringify does.
 */
export function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value) ?? "null");
}
