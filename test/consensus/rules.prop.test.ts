/** Rules against drawing one by one, whatever the answers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aheadBy, majorityOf, type Rule, type Standing } from "#src/consensus/index.ts";

const most = 12;
const rule: fc.Arbitrary<Rule> = fc.oneof(
  fc.integer({ min: 1, max: most }).map(majorityOf),
  fc
    .integer({ min: 1, max: 5 })
    .chain((k) => fc.integer({ min: k, max: most }).map((allowed) => aheadBy(k, allowed))),
);
/** Few candidates, so that they meet; and as many as a rule allows. */
const answers = fc.array(fc.constantFrom("A", "B", "C", "D"), { minLength: most, maxLength: most });

interface Drawn {
  readonly standing: Standing;
  readonly total: number;
  readonly tally: ReadonlyMap<string, number>;
}

/** @param atOnce - How many of the missing votes are drawn before the rule is asked again. */
function drawnBy(rule: Rule, answers: readonly string[], atOnce: (missing: number) => number): Drawn {
  const tally = new Map<string, number>();
  let total = 0;
  for (;;) {
    const standing = rule.standing(tally);
    if (!("missing" in standing)) return { standing, total, tally };
    const end = total + atOnce(standing.missing);
    for (; total < end; total++) {
      const answer = answers[total];
      if (answer === undefined)
        throw new RangeError(`${rule.name} asks for more than ${answers.length} votes`);
      tally.set(answer, (tally.get(answer) ?? 0) + 1);
    }
  }
}

const oneByOne = () => 1;
const sideBySide = (missing: number) => missing;
const standingOf = (votes: ReadonlyMap<string, number>) => {
  const [first = ["", 0], second = ["", 0]] = [...votes].sort(([, a], [, b]) => b - a);
  return { leader: first[0], lead: first[1] - second[1], votes: first[1] };
};

describe("for any answers", () => {
  test("votes side by side cost not one more than one by one, and end alike", () => {
    fc.assert(
      fc.property(rule, answers, (rule, answers) => {
        expect(drawnBy(rule, answers, sideBySide)).toEqual(drawnBy(rule, answers, oneByOne));
      }),
      { numRuns: 3_000 },
    );
  });

  test("no vote takes more than its rule allows", () => {
    fc.assert(
      fc.property(rule, answers, (rule, answers) => {
        expect(drawnBy(rule, answers, sideBySide).total).toBeLessThanOrEqual(rule.most);
      }),
    );
  });

  test("a majority decides as if all n had voted, and is undecided where they would be", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: most }), answers, (n, answers) => {
        const { standing } = drawnBy(majorityOf(n), answers, sideBySide);
        const all = new Map<string, number>();
        for (const answer of answers.slice(0, n)) all.set(answer, (all.get(answer) ?? 0) + 1);
        const { leader, votes } = standingOf(all);
        if (votes > n / 2) expect(standing).toEqual({ winner: leader });
        else expect(standing).toHaveProperty("hopeless");
      }),
    );
  });

  test("the first ahead by k is ahead by k, exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), answers, (k, answers) => {
        const { standing, tally } = drawnBy(aheadBy(k, most), answers, sideBySide);
        const { leader, lead } = standingOf(tally);
        if ("winner" in standing) expect([standing.winner, lead]).toEqual([leader, k]);
        else expect(lead).toBeLessThan(k);
      }),
    );
  });

  test("who wins does not hang on a candidate's name", () => {
    const renamed: Record<string, string> = { A: "__proto__", B: "constructor", C: "", D: "7" };
    fc.assert(
      fc.property(rule, answers, (rule, answers) => {
        const { standing } = drawnBy(rule, answers, sideBySide);
        const others = answers.map((answer) => renamed[answer] ?? "?");
        expect(drawnBy(rule, others, sideBySide).standing).toEqual(
          "winner" in standing ? { winner: renamed[standing.winner] } : standing,
        );
      }),
    );
  });
});
