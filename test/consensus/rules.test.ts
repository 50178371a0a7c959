/** When a vote is decided, and when it never will be. */
import { describe, expect, test } from "vitest";
import { aheadBy, majorityOf, type Rule } from "#src/consensus/index.ts";

/** One letter a vote. */
const tallyOf = (votes: string): Map<string, number> => {
  const tally = new Map<string, number>();
  for (const vote of votes) tally.set(vote, (tally.get(vote) ?? 0) + 1);
  return tally;
};

function standings(cases: readonly [Rule, string, object][]): void {
  test.each(cases.map(([rule, votes, standing]) => ({ rule, votes, standing, name: rule.name })))(
    "$name after $votes: $standing",
    ({ rule, votes, standing }) => {
      expect(rule.standing(tallyOf(votes))).toEqual(standing);
    },
  );
}

describe("a majority counts the votes that are not cast, so none is decided too early", () => {
  standings([
    [majorityOf(1), "", { missing: 1 }],
    [majorityOf(1), "A", { winner: "A" }],
    [majorityOf(5), "", { missing: 3 }],
    [majorityOf(5), "AA", { missing: 1 }],
    [majorityOf(5), "BAAA", { winner: "A" }],
    [majorityOf(4), "", { missing: 3 }],
    [majorityOf(4), "AABB", { hopeless: "tie" }],
    [majorityOf(4), "AABC", { hopeless: "no_quorum" }],
  ]);
});

describe("a majority that is out of reach is not voted on any further", () => {
  standings([
    // One more dissent and nobody can win: two votes at once would be one too many.
    [majorityOf(5), "ABC", { missing: 1 }],
    [majorityOf(5), "ABCD", { hopeless: "tie" }],
    [majorityOf(7), "AABBC", { missing: 1 }],
    [majorityOf(7), "AABBCC", { hopeless: "tie" }],
    [majorityOf(9), "AAABCDE", { missing: 1 }],
    [majorityOf(9), "AAABCDEF", { hopeless: "no_quorum" }],
  ]);
});

describe("the first ahead by k leads every other by k, not their sum", () => {
  standings([
    [aheadBy(1), "", { missing: 1 }],
    [aheadBy(1), "A", { winner: "A" }],
    [aheadBy(3), "", { missing: 3 }],
    [aheadBy(3), "AAB", { missing: 2 }],
    [aheadBy(3), "AAABB", { missing: 2 }],
    [aheadBy(3), "AAAABBC", { missing: 1 }],
    [aheadBy(3), "AAAAABB", { winner: "A" }],
    [aheadBy(3), "AAABCDEFG", { missing: 1 }],
  ]);
});

describe("a vote that nobody can lead by k any more is given up, not dragged to its end", () => {
  standings([
    [aheadBy(3, 6), "ABA", { missing: 1 }],
    [aheadBy(3, 6), "ABAB", { hopeless: "tie" }],
    [aheadBy(3, 5), "AAB", { missing: 1 }],
    [aheadBy(3, 5), "AABA", { missing: 1 }],
    [aheadBy(3, 5), "AABAB", { hopeless: "no_quorum" }],
    [aheadBy(2, 2), "AB", { hopeless: "tie" }],
  ]);
});

test("names in events and faults say which rule it was", () => {
  expect([majorityOf(5).name, aheadBy(3).name]).toEqual(["majority of 5", "ahead by 3"]);
});

test("without a bound a lead is given ten times its votes, so that a vote ends", () => {
  expect(aheadBy(4).most).toBe(40);
});

test.each([
  ["majorityOf: n", () => majorityOf(0)],
  ["majorityOf: n", () => majorityOf(2.5)],
  ["majorityOf: n", () => majorityOf(Number.NaN)],
  ["aheadBy: k", () => aheadBy(0)],
  ["aheadBy: k", () => aheadBy(Number.POSITIVE_INFINITY)],
  ["aheadBy: most", () => aheadBy(1, 0)],
  ["aheadBy: most must be at least k = 3", () => aheadBy(3, 2)],
])("a bound that is none is refused where it is written: %s", (field, make) => {
  expect(make).toThrow(RangeError);
  expect(make).toThrow(field);
});
