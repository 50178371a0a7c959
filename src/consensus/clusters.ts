/**
 * Candidates of a vote over texts: answers that are alike count as one. Used as a ballot's `canonical`.
 */

/**
 * A text belongs to the first earlier text that it is like, else it begins a cluster of its own. Make one for each vote:
 * it remembers.
 *
 * @param alike - By embedding, edit distance, a model's word. Should be symmetric.
 * @returns The canonical form of an answer: the first text of its cluster.
 */
export function clusters<Answer>(
  textOf: (answer: Answer) => string,
  alike: (one: string, other: string) => boolean,
): (answer: Answer) => string {
  const firsts: string[] = [];
  return (answer) => {
    const text = textOf(answer);
    const known = firsts.find((first) => alike(first, text));
    if (known !== undefined) return known;
    firsts.push(text);
    return text;
  };
}
