/** A sealed value where JSON has to stand: `{"faultline:sealed": "…"}`. Used for metadata and by the ledger. */
import { isSealedWithFirst, type Keys, open, type SealedPlace, seal } from "./encryption.ts";

export const sealedKey = "faultline:sealed";
const plainKey = "faultline:plain";

export function sealedJson(keys: Keys, place: SealedPlace, value: unknown): object {
  return { [sealedKey]: seal(keys, place, Buffer.from(JSON.stringify(value))).toString("base64") };
}

/** `value` as text that stays legible. One that looks sealed, or like this, is wrapped, so that it reads as it was. */
export function plainJsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.startsWith('{"faultline:') ? `{"${plainKey}":${text}}` : text;
}

/** @returns `stored` itself when it was neither sealed nor wrapped. @throws CannotOpenError. */
export function openedJson(keys: Keys | undefined, place: SealedPlace, stored: unknown): unknown {
  if (isOnly(plainKey, stored)) return stored[plainKey];
  const text = textOf(stored);
  return text === undefined ? stored : JSON.parse(open(keys, place, Buffer.from(text, "base64")).toString());
}

export const isSealedJson = (stored: unknown): boolean => textOf(stored) !== undefined;

/** Whether it is sealed with the key that seals now. */
export function isSealedWithFirstKey(keys: Keys, stored: unknown): boolean {
  const text = textOf(stored);
  return text !== undefined && isSealedWithFirst(keys, Buffer.from(text, "base64"));
}

function textOf(stored: unknown): string | undefined {
  const text = isOnly(sealedKey, stored) ? stored[sealedKey] : undefined;
  return typeof text === "string" ? text : undefined;
}

function isOnly(key: string, stored: unknown): stored is Record<string, unknown> {
  return typeof stored === "object" && stored !== null && key in stored && Object.keys(stored).length === 1;
}
