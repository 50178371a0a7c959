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

test("a target that one sample exceeds still takes one, and a great many steps do not round to none", () => {
  expect(kMin(1, 0.2, 0.1)).toBe(1);
  // ln(-ln(.95) / 1e15) / ln(1 / 99) = 8.16
  expect(kMin(1e15, 0.01, 0.95)).toBe(9);
  expect(seriesReliability(1e17, 1e-17)).toBeCloseTo(Math.exp(-1), 12);
});

test("a target that k just reaches is not paid with one more by rounding", () => {
  for (let percent = 1; percent < 50; percent++) {
    const pError = percent / 100;
    expect(kMin(1, pError, 1 - pError), `${pError}`).toBe(1);
    expect(kMin(1, pError, 1 - residualError(2, pError)), `${pError}`).toBe(2);
  }
});

describe("an argument out of range is one line, never a wrong figure", () => {
  test.each<[string, () => number]>([
    ["seriesReliability: steps must be a whole number from 0, got 1.5", () => seriesReliability(1.5, 0.1)],
    [
      "seriesReliability: pError must be a share from 0 to 1, got NaN",
      () => seriesReliability(1, Number.NaN),
    ],
    ["residualError: k must be a whole number from 1, got 0", () => residualError(0, 0.1)],
    ["residualError: pError must be a share from 0 to 1, got 2", () => residualError(1, 2)],
    ["kMin: target must be above 0 and below 1, got 0", () => kMin(1, 0.1, 0)],
    ["expectedVotes: k must be a whole number from 1, got NaN", () => expectedVotes(Number.NaN, 0.5)],
    ["expectedVotes: pError must be a share from 0 to 1, got -1", () => expectedVotes(1, -1)],
    [
      "expectedCost: perSample must be a number from 0, got NaN",
      () => expectedCost(1, 1, 0.1, { perSample: Number.NaN }),
    ],
    [
      "expectedCost: surviving must be above 0 and at most 1, got 1.1",
      () => expectedCost(1, 1, 0.1, { perSample: 1, surviving: 1.1 }),
    ],
    ["majorityError: n must be a whole number from 1, got 0", () => majorityError(0, 0.1)],
    ["majorityError: pError must be a share from 0 to 1, got 1.1", () => majorityError(3, 1.1)],
    ["binomialAtMost: successes must be a whole number from 0, got -1", () => binomialAtMost(-1, 5, 0.5)],
    ["binomialAtMost: n must be a whole number from 0, got -1", () => binomialAtMost(0, -1, 0.5)],
    ["binomialAtMost: p must be a share from 0 to 1, got NaN", () => binomialAtMost(0, 1, Number.NaN)],
    ["dpmo: pError must be a share from 0 to 1, got -0.1", () => dpmo(-0.1)],
  ])("%s", (message, wrong) => {
    expect(wrong).toThrow(new RangeError(message));
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
    expect(majorityError(3, 1e-17) / 3e-34).toBeCloseTo(1, 12);
    expect(majorityError(3, 1e-10) / (3e-20 - 2e-30)).toBeCloseTo(1, 12);
    expect([0, 1].map((pError) => majorityError(5, pError))).toEqual([0, 1]);
    // One half and half of the middle term, which is 1 / sqrt(pi n / 2) to 1 / (4 n).
    expect(binomialAtMost(50_000, 100_000, 0.5)).toBeCloseTo(0.5 + 0.5 / Math.sqrt(Math.PI * 50_000), 7);
    expect([binomialAtMost(0, 5, 0), binomialAtMost(4, 5, 1), binomialAtMost(5, 5, 1)]).toEqual([1, 0, 1]);
    expect(binomialAtMost(1, 3, 0.5)).toBeCloseTo(0.5, 12);
    expect(binomialAtMost(1, 3, 0.1)).toBeCloseTo(0.972, 12);
    // Of an even number a tie is no right majority: 1 - 0.9², at a rate of 0.1.
    expect(majorityError(2, 0.1)).toBeCloseTo(0.19, 12);
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
