import fc from "fast-check";
import { expect, test } from "vitest";
import { spend } from "#src/retry/index.ts";

test("P16: a budget whose count lives in state is spent once, however often the process begins anew", () => {
  fc.assert(
    fc.property(fc.nat(50), fc.array(fc.nat(10), { maxLength: 20 }), (budget, attemptsPerProcess) => {
      let state = JSON.stringify({ used: 0 });
      let granted = 0;
      for (const attempts of attemptsPerProcess) {
        let { used } = JSON.parse(state) as { used: number };
        for (let i = 0; i < attempts; i++) {
          const next = spend(budget, used);
          if (next === undefined) break;
          used = next;
          granted += 1;
        }
        state = JSON.stringify({ used });
      }
      const wanted = attemptsPerProcess.reduce((sum, n) => sum + n, 0);
      expect(granted).toBe(Math.min(budget, wanted));
    }),
  );
});

test.each([
  [-1, 0, "budget must be a whole number from 0, got -1"],
  [1.5, 0, "budget must be a whole number from 0, got 1.5"],
  [1, Number.NaN, "used must be a whole number from 0, got NaN"],
])("a count out of range is refused by name and value: %d, %d", (budget, used, message) => {
  expect(() => spend(budget, used)).toThrow(new RangeError(`spend: ${message}`));
});
