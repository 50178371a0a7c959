/**
 * What of the ledger is sealed, where it is bound to, and how it is written and read. Used by the ledger, and by what
 * seals it anew or opens it for good.
 */
import type { Json } from "#src/faults/index.ts";
import { CannotOpenError, type Keys, type SealedPlace } from "./encryption.ts";
import { openedJson, plainJsonText, sealedJson } from "./sealed-json.ts";

export const sealedAt = {
  args: (key: string): SealedPlace => [key, "effect", "args"],
  result: (key: string): SealedPlace => [key, "effect", "result"],
  stepArgs: (saga: string, name: string): SealedPlace => [saga, "step", name, "args"],
  stepProblem: (saga: string, name: string): SealedPlace => [saga, "step", name, "problem"],
};

export interface LedgerValues {
  toStore(place: SealedPlace, value: unknown): string;
  /** @throws CannotOpenError, in one message with its mend. */
  read(place: SealedPlace, stored: Json): Json;
}

/** @param keys - Undefined: values stand legibly. */
export function ledgerValues(keys: Keys | undefined): LedgerValues {
  return {
    toStore: (place, value) =>
      keys === undefined ? plainJsonText(value) : JSON.stringify(sealedJson(keys, place, value)),

    read(place: SealedPlace, stored: Json): Json {
      try {
        return openedJson(keys, place, stored) as Json;
      } catch (cause) {
        if (!(cause instanceof CannotOpenError)) throw cause;
        const [of, ...what] = place;
        const mend = cause.mend ?? "Restore the database from a backup.";
        throw new CannotOpenError(
          `The ledger cannot be read: ${what.join(" ")} of ${of} ${cause.message}. ${mend}`,
        );
      }
    },
  };
}
