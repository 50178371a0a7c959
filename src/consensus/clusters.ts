/**
 * Candidates of a vote over texts: answers that are alike count as one. Used as a ballot's `canonical`.
 */

/**
 * A text belongs to the first earlier text that it is like, else it begins a cluster of its own. Make one for each vote:
 * it remembers.
 *
 * @param alike - Symmetric, and without a call: by edit distance, or by what was drawn with the answer (its embedding).
 * @returns The canonical form of an answer: the text of its cluster's first.
 */
export function clusters<Answer>(
  textOf: (answer: Answer) => string,
  alike: (one: Answer, other: Answer) => boolean,
): (answer: Answer) => string {
  const firsts: Answer[] = [];
  return (answer) => {
    const known = firsts.find((first) => alike(first, answer));
    if (known === undefined) firsts.push(answer);
    return textOf(known ?? answer);
  };
}
