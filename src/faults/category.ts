/** Who can mend a fault. Ordered from the mildest to the worst: of several faults at once, the worst decides. */
export const categories = [
  "transient",
  "llm-recoverable",
  "user-fixable",
  "compensable",
  "unexpected",
] as const;

export type Category = (typeof categories)[number];

export function isCategory(word: string): word is Category {
  return (categories as readonly string[]).includes(word);
}

/** True when `a` is the worse of the two. */
export function isWorse(a: Category, b: Category): boolean {
  return categories.indexOf(a) > categories.indexOf(b);
}
