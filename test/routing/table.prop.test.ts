/** Laws of the table: whatever fails, in whatever order, every row is spent in the end and nothing goes round for ever. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { categories } from "#src/faults/index.ts";
import { decide, errorRoutes, type Routes } from "#src/routing/index.ts";

const category = fc.constantFrom(...categories);
const rounds = fc.integer({ min: 0, max: 20 });

const routes: fc.Arbitrary<Routes<string>> = fc
  .record({
    model: fc.option(
      fc.record({ rounds: fc.option(rounds), spent: fc.constantFrom("user-fixable", "compensable") }),
    ),
    person: fc.boolean(),
    compensation: fc.boolean(),
  })
  .map(({ model, person, compensation }) => ({
    ...(model === null
      ? {}
      : {
          llmRecoverable: {
            backTo: "model",
            spent: model.spent as "user-fixable" | "compensable",
            ...(model.rounds === null ? {} : { rounds: model.rounds }),
          },
        }),
    ...(person ? { userFixable: "person" } : {}),
    ...(compensation ? { compensable: "compensation" } : {}),
    unexpected: "bubble_up",
  }));

/** Any state of the counters: their own keys, others', and counts beyond every bound. */
const counters = fc.dictionary(
  fc.constantFrom(
    "work:llm-recoverable",
    "work:user-fixable",
    "work:compensable",
    "work:unexpected",
    "other:compensable",
  ),
  fc.integer({ min: 0, max: 1_000 }),
);

/** The most rounds that a node can take before only bubble_up is left: the model's, a person's ten, ten undone. */
const bound = (table: Routes<string>) =>
  (table.llmRecoverable?.rounds ?? 3) * (table.llmRecoverable === undefined ? 0 : 1) + 10 + 10;

describe("the table", () => {
  test("any sequence of faults leaves only bubble_up after a bounded number of routes", () => {
    fc.assert(
      fc.property(routes, counters, fc.infiniteStream(category), (table, start, faults) => {
        const state = { ...start };
        let elsewhere = 0;
        // Endless faults of one kind never use up other rows, so each kind gets its turn after the random part.
        const endless = [...categories].flatMap((kind) => Array.from({ length: 50 }, () => kind));
        for (const kind of [...faults.take(50), ...endless]) {
          const { to, counter, round } = decide(table, "work", { category: kind }, state);
          expect(round).toBe((state[counter] ?? 0) + 1);
          state[counter] = round;
          if (to !== "bubble_up") elsewhere += 1;
        }
        expect(elsewhere).toBeLessThanOrEqual(bound(table));
        for (const kind of categories)
          expect(decide(table, "work", { category: kind }, state).to).toBe("bubble_up");
      }),
    );
  });

  test("a fault never ends in a category before its own, and a bug never anywhere but in bubble_up", () => {
    const order = ["llm-recoverable", "user-fixable", "compensable", "unexpected"];
    fc.assert(
      fc.property(routes, counters, category, (table, state, kind) => {
        const decision = decide(table, "work", { category: kind }, state);
        const own = kind === "transient" ? "compensable" : kind;
        expect(order.indexOf(decision.category)).toBeGreaterThanOrEqual(order.indexOf(own));
        if (kind === "unexpected") expect(decision.to).toBe("bubble_up");
      }),
    );
  });

  test("one node's rounds are not another's", () => {
    const table = { compensable: "compensation", unexpected: "bubble_up" };
    const spent = { "other:compensable": 10 };
    expect(decide(table, "work", { category: "compensable" }, spent).to).toBe("compensation");
    expect(decide(table, "other", { category: "compensable" }, spent).to).toBe("bubble_up");
  });
});

describe("a table that could loop or hang is refused where it is written", () => {
  const table = { unexpected: "bubble_up" } as const;
  test.each([
    ["llmRecoverable.rounds", { llmRecoverable: { backTo: "model", rounds: Number.POSITIVE_INFINITY } }],
    ["llmRecoverable.rounds", { llmRecoverable: { backTo: "model", rounds: Number.NaN } }],
    ["llmRecoverable.rounds", { llmRecoverable: { backTo: "model", rounds: 1.5 } }],
    ["attempts", { attempts: Number.POSITIVE_INFINITY }],
    ["attempts", { attempts: 0 }],
    ["attempts", { attempts: 2.5 }],
    ["baseMs", { baseMs: -1 }],
    ["capMs", { capMs: Number.NaN }],
    ["retryBudget", { retryBudget: Number.POSITIVE_INFINITY }],
    ["timeoutMs", { timeoutMs: 100 }],
    ["timeoutMs", { timeoutMs: Number.NaN }],
  ])("%s of %j", (field, rows) => {
    expect(() => errorRoutes({ ...table, ...rows } as never)()).toThrow(
      expect.objectContaining({ name: "RangeError", message: expect.stringContaining(field) }),
    );
  });
});
