import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BackoffOptions, backoffMs, type Jitter } from "#src/retry/index.ts";

const jitters = ["full", "equal", "decorrelated"] as const;
const ms = fc.double({ min: 0, max: 1e9, noNaN: true });
const attempt = fc.oneof(
  fc.integer({ min: 1, max: 70 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const options = fc.record({
  attempt,
  baseMs: ms,
  capMs: ms,
  jitter: fc.constantFrom(...jitters),
  previousMs: ms,
  random: unit.map((r) => () => r),
});

describe("every backoff", () => {
  test("P9: never exceeds the cap, is never negative and never NaN, at any attempt", () => {
    fc.assert(
      fc.property(options, (given) => {
        const wait = backoffMs(given);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(given.capMs);
      }),
    );
  });

  test("comes from the given source of randomness alone", () => {
    fc.assert(
      fc.property(options, (given) => {
        expect(backoffMs(given)).toBe(backoffMs(given));
      }),
    );
  });

  test("without a base is no wait, also where the power of two overflows", () => {
    expect(backoffMs({ attempt: 5_000, baseMs: 0, capMs: 1_000, random: () => 0.5 })).toBe(0);
  });

  test("is full jitter when nothing is said", () => {
    const given = { attempt: 3, baseMs: 100, capMs: 10_000, random: () => 0.5 };
    expect(backoffMs(given)).toBe(backoffMs({ ...given, jitter: "full" }));
    expect(backoffMs(given)).toBe(200);
  });
});

/** The mean over an even grid of random values, which stands for the expectation. */
function mean(given: Omit<BackoffOptions, "random">): number {
  const grid = Array.from({ length: 200 }, (_, i) => (i + 0.5) / 200);
  return grid.reduce((sum, r) => sum + backoffMs({ ...given, random: () => r }), 0) / grid.length;
}

describe("expectation", () => {
  const base = { baseMs: 100, capMs: 5_000 };

  test.each(["full", "equal"] as const)("of %s jitter never falls from one attempt to the next", (jitter) => {
    fc.assert(
      fc.property(attempt, ms, ms, (attempt, baseMs, capMs) => {
        fc.pre(attempt < Number.MAX_SAFE_INTEGER);
        const now = mean({ attempt, baseMs, capMs, jitter });
        expect(mean({ attempt: attempt + 1, baseMs, capMs, jitter })).toBeGreaterThanOrEqual(now);
      }),
    );
  });

  test.each<[Jitter, number, number]>([
    // base · 2^(n-1) / 2, and 3/4 of it; capped at 5,000
    ["full", 4, 400],
    ["full", 30, 2_500],
    ["equal", 4, 600],
    ["equal", 30, 3_750],
  ])("of %s jitter at attempt %i is %f ms", (jitter, attempt, expected) => {
    expect(mean({ attempt, ...base, jitter })).toBeCloseTo(expected, 6);
  });

  test("of decorrelated jitter is the middle between the base and three times the last wait", () => {
    expect(mean({ attempt: 9, ...base, jitter: "decorrelated", previousMs: 500 })).toBeCloseTo(800, 6);
  });
});

describe("ranges", () => {
  test("equal jitter is at least half of what it would be without jitter", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), unit, (attempt, r) => {
        const wait = backoffMs({ attempt, baseMs: 100, capMs: 5_000, jitter: "equal", random: () => r });
        expect(wait).toBeGreaterThanOrEqual(Math.min(5_000, 100 * 2 ** (attempt - 1)) / 2);
      }),
    );
  });

  test("a chain of decorrelated waits stays between base and cap, and below three times the wait before", () => {
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 50 }), (draws) => {
        let previousMs = 100;
        for (const [i, r] of draws.entries()) {
          const given = { attempt: i + 1, baseMs: 100, capMs: 5_000, previousMs, random: () => r };
          const wait = backoffMs({ ...given, jitter: "decorrelated" });
          expect(wait).toBeGreaterThanOrEqual(100);
          expect(wait).toBeLessThanOrEqual(Math.min(5_000, 3 * previousMs));
          previousMs = wait;
        }
      }),
    );
  });
});

describe("a number out of range is refused where it is used, with its name and value", () => {
  const good = { attempt: 1, baseMs: 100, capMs: 1_000 };
  test.each<[string, object]>([
    ["attempt must be a whole number from 1, got 0", { attempt: 0 }],
    ["attempt must be a whole number from 1, got 1.5", { attempt: 1.5 }],
    ["attempt must be a whole number from 1, got NaN", { attempt: Number.NaN }],
    ["baseMs must be a finite number of ms from 0, got -1", { baseMs: -1 }],
    ["baseMs must be a finite number of ms from 0, got NaN", { baseMs: Number.NaN }],
    ["capMs must be a finite number of ms from 0, got Infinity", { capMs: Number.POSITIVE_INFINITY }],
    ["previousMs must be a finite number of ms from 0, got -5", { previousMs: -5 }],
    ["jitter must be full, equal or decorrelated, got none", { jitter: "none" }],
  ])("%s", (message, bad) => {
    expect(() => backoffMs({ ...good, ...bad })).toThrow(new RangeError(`backoffMs: ${message}`));
  });
});
