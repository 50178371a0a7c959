/** One text out of several names, unmistakably. It is the ledger's key and the other side's Idempotency-Key. */

/** A "|" within a name is escaped, so that no two lists of names make one key. */
export function keyOf(...names: string[]): string {
  return names.map((name) => name.replace(/[%|]/g, encodeURIComponent)).join("|");
}
