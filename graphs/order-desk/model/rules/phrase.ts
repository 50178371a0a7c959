/**
 * Explains a customer's words by what the shop knows: which of them name a product, which an option's value, and
 * which are left over. Left-over words mean that the customer said something that was not understood, so whoever
 * uses this asks instead of guessing.
 */
export type Options = Record<string, string>;

export interface Explained {
  /** Option values named, by option. */
  options: Options;
  /** Words that nothing explains. */
  left: string[];
  /** Two values were named for one option. */
  contradiction: boolean;
}

const filler = new Set(
  (
    "a an the my one ones same it them that this those these in of with and or for to please new other another kind version item items " +
    "variant model option size color colour type instead would like want get i but is be as made which has have having both pair then it's that's take make order"
  ).split(" "),
);

/**
 * @param name - The product's name, whose words are explained by it.
 * @param known - Every set of options that the words may be about.
 */
export function explain(phrase: string, name: string, known: readonly Options[]): Explained {
  let rest = ` ${words(phrase).join(" ")} `;
  const take = (text: string): boolean => {
    const needle = ` ${words(text).join(" ")} `;
    if (needle.trim() === "" || !rest.includes(needle)) return false;
    rest = rest.replace(needle, "  ").replace(/^ ?/, " ");
    return true;
  };
  if (!take(name)) for (const word of words(name)) take(word);

  const options: Options = {};
  let contradiction = false;
  // Longest value first, so that "stainless steel" is not read as "steel".
  const values = known.flatMap((set) => Object.entries(set)).sort(([, a], [, b]) => b.length - a.length);
  for (const [key, value] of values) {
    if (!take(value)) continue;
    if (options[key] !== undefined && options[key] !== value) contradiction = true;
    options[key] = value;
  }
  const keys = new Set(values.flatMap(([key]) => words(key)));
  const left = rest.split(/\s+/).filter((word) => word !== "" && !filler.has(word) && !keys.has(word));
  return { options, left, contradiction };
}

/** Lower case, without plural, hyphens and punctuation: "4-cup" and "4 cups" are the same words. */
export function words(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/['’]s?\b/g, "")
    .split(/[^\p{L}\p{N}.%/]+/u)
    .map((word) => word.replace(/^[.]+|[.]+$/g, "").replace(/(?<=\p{L}{2})s$/u, ""))
    .filter((word) => word !== "");
}

/** Whether `phrase` names the product: its whole name, or the noun it ends in ("the lamp" for a desk lamp). */
export function names(phrase: string, name: string): boolean {
  const noun = words(name).at(-1);
  return noun !== undefined && words(phrase).includes(noun);
}
