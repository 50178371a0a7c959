/** A sealed value where JSON has to stand: `{"faultline:sealed": "…"}`. Used for metadata and by the ledger. */
import { isSealedWithFirst, type Keys, open, type SealedPlace, seal } from "./encryption.ts";

export const sealedKey = "faultline:sealed";

export function sealedJson(keys: Keys, place: SealedPlace, value: unknown): object {
  return { [sealedKey]: seal(keys, place, Buffer.from(JSON.stringify(value))).toString("base64") };
}

/** @returns `stored` itself when it was never sealed. @throws CannotOpenError. */
export function openedJson(keys: Keys | undefined, place: SealedPlace, stored: unknown): unknown {
  const text = textOf(stored);
  return text === undefined ? stored : JSON.parse(open(keys, place, Buffer.from(text, "base64")).toString());
}

/** Whether it is sealed with the key that seals now. */
export function isSealedJson(keys: Keys, stored: unknown): boolean {
  const text = textOf(stored);
  return text !== undefined && isSealedWithFirst(keys, Buffer.from(text, "base64"));
}

function textOf(stored: unknown): string | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const text = (stored as Record<string, unknown>)[sealedKey];
  return typeof text === "string" && Object.keys(stored).length === 1 ? text : undefined;
}
