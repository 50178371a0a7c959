/** The formulas against published tables, against each other, and against a simulation on the kit's own rule. */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, test } from "vitest";
import {
  aheadBy,
  binomialAtMost,
  dpmo,
  expectedCost,
  expectedVotes,
  kMin,
  majorityError,
  residualError,
  seriesReliability,
} from "#src/consensus/index.ts";

describe("k_min", () => {
  // MAKER (arXiv:2511.09030), its table of models: error rate of a step, and the k for 95 % over 2^20 - 1 steps.
  test.each([
    ["gpt-4.1-nano", 0.3571, 29],
    ["gpt-4.1-mini at 1.0", 0.004, 4],
    ["gpt-4.1-mini at 0.1", 0.0022, 3],
    ["o3-mini", 0.0018, 3],
    ["haiku-4.5", 0.1839, 12],
    ["gpt-oss-20B", 0.0358, 6],
    ["qwen3", 0.2342, 15],
    ["deepseek-v3.1", 0.0569, 6],
    ["kimi-k2", 0.0393, 6],
  ])("is MAKER's for %s", (_model, pError, k) => {
    expect(kMin(2 ** 20 - 1, pError, 0.95)).toBe(k);
  });

  test.each([
    [100, [2, 3, 4, 6], [3, 4, 5, 7]],
    [1000, [3, 4, 5, 8], [3, 4, 6, 9]],
  ])("of %i steps is the smallest that reaches the target, and one less does not", (steps, for95, for99) => {
    for (const [target, expected] of [
      [0.95, for95],
      [0.99, for99],
    ] as const) {
      const ks = [0.01, 0.05, 0.1, 0.2].map((pError) => {
        const k = kMin(steps, pError, target);
        expect(seriesReliability(steps, residualError(k, pError))).toBeGreaterThanOrEqual(target);
        expect(seriesReliability(steps, residualError(k - 1, pError))).toBeLessThan(target);
        return k;
      });
      expect(ks).toEqual(expected);
    }
  });

  test.each([0.5, 0.9, 1, -0.1, Number.NaN])(
    "is not told of a model that errs at rate %d: none is enough",
    (p) => {
      expect(() => kMin(100, p, 0.95)).toThrow(/^kMin: pError must be from 0 to below 0.5, got/);
    },
  );

  test("of a model that never errs is one, and a target of certainty is refused", () => {
    expect(kMin(1, 0, 0.95)).toBe(1);
    expect(() => kMin(100, 0.01, 1)).toThrow(/target must be above 0 and below 1/);
    expect(() => kMin(0, 0.01, 0.95)).toThrow(/steps must be a whole number from 1/);
  });
});

describe("what a vote leaves wrong", () => {
  test.each([
    [0.01, [1e-2, 1.02e-4, 1.03e-6, 1.04e-8, 1.05e-10]],
    [0.05, [5e-2, 2.76e-3, 1.46e-4, 7.67e-6, 4.04e-7]],
    [0.1, [0.1, 1.22e-2, 1.37e-3, 1.52e-4, 1.69e-5]],
  ])("ahead by 1 to 5, at an error rate of %d", (pError, expected) => {
    for (const [at, rate] of expected.entries())
      expect(Number(residualError(at + 1, pError).toPrecision(3))).toBeCloseTo(rate, 12);
  });

  // Exact binomial, p = .05 (Six Sigma Agent, arXiv:2601.22290, says 50,000 and 3.4 DPMO at 1 and 13).
  test.each([
    [1, 50_000],
    [3, 7_250],
    [5, 1_158],
    [7, 193.6],
    [9, 33.2],
    [11, 5.8],
    [13, 1.03],
  ])("a majority of %i, in defects per million", (n, expected) => {
    const digits = expected > 100 ? 4 : 3;
    expect(Number(dpmo(majorityError(n, 0.05)).toPrecision(digits))).toBe(expected);
  });

  test("a tiny tail keeps its digits, and a large number of trials is no underflow", () => {
    expect(majorityError(41, 0.001)).toBeGreaterThan(0);
    expect(majorityError(41, 0.001)).toBeLessThan(1e-50);
    expect(binomialAtMost(50_000, 100_000, 0.5)).toBeCloseTo(0.5, 2);
    expect([binomialAtMost(0, 5, 0), binomialAtMost(4, 5, 1), binomialAtMost(5, 5, 1)]).toEqual([1, 0, 1]);
    expect(binomialAtMost(1, 3, 0.5)).toBeCloseTo(0.5, 12);
  });
});

describe("what a vote costs", () => {
  test.each([
    [3, 0.05, 3.33],
    [3, 0.1, 3.74],
    [3, 0.0022, 3.01],
  ])("ahead by %i at %d", (k, pError, votes) => {
    expect(Number(expectedVotes(k, pError).toFixed(2))).toBe(votes);
  });

  test("a step's samples, those that red flags discard included", () => {
    expect(expectedCost(1_000, 3, 0.1, { perSample: 2, surviving: 0.5 })).toBeCloseTo(
      4_000 * expectedVotes(3, 0.1),
      6,
    );
    expect(() => expectedCost(1, 3, 0.1, { perSample: 1, surviving: 0 })).toThrow(
      /surviving must be above 0/,
    );
  });

  test("a coin that is fair takes k² votes, the formula's limit", () => {
    expect(expectedVotes(3, 0.5)).toBe(9);
    expect(expectedVotes(3, 0.4999999)).toBeCloseTo(9, 3);
  });
});

test("simulated: a million steps of the kit's rule take the formula's votes within 1 %, and err as often", () => {
  const [k, pError, steps] = [3, 0.1, 1_000_000];
  const rule = aheadBy(k, 1_000);
  const generator = xoroshiro128plus(1);
  let votes = 0;
  let wrong = 0;
  for (let step = 0; step < steps; step++) {
    const tally = new Map<string, number>();
    for (;;) {
      const standing = rule.standing(tally);
      if ("winner" in standing) {
        if (standing.winner === "wrong") wrong += 1;
        break;
      }
      const candidate = uniformFloat64(generator) < pError ? "wrong" : "right";
      tally.set(candidate, (tally.get(candidate) ?? 0) + 1);
      votes += 1;
    }
  }
  expect(Math.abs(votes / steps / expectedVotes(k, pError) - 1)).toBeLessThan(0.01);
  // 1,370 expected; five standard deviations are 185.
  expect(Math.abs(wrong - steps * residualError(k, pError))).toBeLessThan(185);
});

test("a workflow of a hundred steps that are right 99 % of the time finishes 36.6 % of the time", () => {
  expect(seriesReliability(100, 0.01)).toBeCloseTo(0.366, 3);
  expect(seriesReliability(1e9, 1e-12)).toBeCloseTo(0.999, 4);
});
