/**
 * When a vote is decided, as pure rules: given the votes so far, who has won, how many more it takes at least, or that
 * nobody can win any more. Used by `vote`; knows no model and draws nothing.
 *
 * A rule never asks for more votes than it takes at least until somebody wins or nobody can, so drawing them side by side
 * costs none that drawing one by one would have saved.
 */

/** Votes by candidate. A candidate is the canonical form of an answer. */
export type Tally = ReadonlyMap<string, number>;

export type Standing =
  | { readonly winner: string }
  /** So many more votes at least, before which nothing can be decided. */
  | { readonly missing: number }
  /** However the votes that are left would fall, nobody wins. */
  | { readonly hopeless: "tie" | "no_quorum" };

export interface Rule {
  /** As events and faults say it: "majority of 5", "ahead by 3". */
  readonly name: string;
  /** Samples that the rule allows in all, discarded ones not counted. */
  readonly most: number;
  standing(tally: Tally): Standing;
}

/**
 * More than half of `n` votes, whether cast or not: with n = 5 three. Stops as soon as that is certain, or out of reach.
 *
 * With independent errors at rate p all alike, it is wrong with the binomial probability of n - floor(n/2) errors or
 * more (`majorityError`).
 *
 * @throws RangeError for an `n` that is no whole number from 1.
 */
export function majorityOf(n: number): Rule {
  wholeFrom1("majorityOf: n", n);
  const quorum = Math.floor(n / 2) + 1;
  return {
    name: `majority of ${n}`,
    most: n,
    standing(tally) {
      const [first, second] = leaders(tally);
      if (first.votes >= quorum) return { winner: first.candidate };
      const left = n - cast(tally);
      // The first vote is its candidate's; from there on votes for others take up what is to spare.
      const toHopeless = Math.max(first.votes, 1) + left - quorum + 1;
      if (first.votes + left >= quorum) return { missing: Math.min(quorum - first.votes, toHopeless) };
      return { hopeless: first.votes === second.votes ? "tie" : "no_quorum" };
    },
  };
}

/**
 * First to be ahead of every other candidate by `k` votes: the sequential probability ratio test of MAKER
 * (arXiv:2511.09030). With k = 1 the first answer wins.
 *
 * @param most - Votes after which the vote is given up. Default 10 · k.
 * @throws RangeError for a `k` that is no whole number from 1, or a `most` below k.
 */
export function aheadBy(k: number, most: number = 10 * k): Rule {
  wholeFrom1("aheadBy: k", k);
  wholeFrom1("aheadBy: most", most);
  if (most < k) throw new RangeError(`aheadBy: most must be at least k = ${k}, got ${most}`);
  return {
    name: `ahead by ${k}`,
    most,
    standing(tally) {
      const [first, second] = leaders(tally);
      const lead = first.votes - second.votes;
      if (lead >= k) return { winner: first.candidate };
      const left = most - cast(tally);
      const spare = lead + left - k;
      // A vote for the second takes up two, until nobody leads; from there on each vote for another takes up one.
      const toHopeless = Math.max(Math.ceil((spare + 1) / 2), spare + 1 - lead);
      if (spare >= 0) return { missing: Math.min(k - lead, toHopeless) };
      return { hopeless: lead === 0 ? "tie" : "no_quorum" };
    },
  };
}

interface Candidate {
  readonly candidate: string;
  readonly votes: number;
}

const nobody: Candidate = { candidate: "", votes: 0 };

/** The first two; of equals, the one who was there earlier comes first. */
function leaders(tally: Tally): [Candidate, Candidate] {
  let first = nobody;
  let second = nobody;
  for (const [candidate, votes] of tally) {
    if (votes > first.votes) {
      second = first;
      first = { candidate, votes };
    } else if (votes > second.votes) {
      second = { candidate, votes };
    }
  }
  return [first, second];
}

function cast(tally: Tally): number {
  let sum = 0;
  for (const votes of tally.values()) sum += votes;
  return sum;
}

function wholeFrom1(what: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 1))
    throw new RangeError(`${what} must be a whole number from 1, got ${value}`);
}
