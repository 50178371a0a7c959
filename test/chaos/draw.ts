/** Chance from a seed: the same seed and the same words give the same draw, in whatever order they are asked for. */
import { createHash } from "node:crypto";

export interface Draw {
  /** From 0 up to, and without, 1. */
  share(...words: readonly (string | number)[]): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number, ...words: readonly (string | number)[]): number;
}

export function drawFrom(seed: number): Draw {
  const share: Draw["share"] = (...words) =>
    createHash("sha256")
      .update(JSON.stringify([seed, ...words]))
      .digest()
      .readUInt32BE(0) /
    2 ** 32;
  return {
    share,
    between: (least, most, ...words) => least + Math.floor(share(...words) * (most - least + 1)),
  };
}

/** The same list in an order of the seed's. */
export function shuffled<T>(draw: Draw, list: readonly T[], word: string): T[] {
  return list
    .map((value, at) => ({ value, order: draw.share(word, at) }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}
