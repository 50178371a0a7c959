import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calculate } from "#graphs/order-desk/tools/calculate.ts";

describe("calculate", () => {
  it.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 4 - 3", 3],
    ["12 / 4 / 3", 1],
    ["-2 * -(3 - 5)", -4],
    ["2 * (3.50 - 1) + .25", 5.25],
    ["0.1 + 0.2", 0.3],
    ["46.36-40.10", 6.26],
    ["-0.001", 0],
  ])("%s is %d", (expression, result) => {
    expect(calculate(expression)).toBe(result);
  });

  it.each([
    ["", "ends where a number is due"],
    ["1 +", "ends where a number is due"],
    ["1 2", '"2" stands where an operator is due'],
    ["(1 + 2", "a parenthesis is not closed"],
    ["1 + 2)", '")" stands where an operator is due'],
    ["1.2.3", '"1.2.3" stands where a number is due'],
    ["* 3", '"*" stands where a number is due'],
    ["2 ** 3", '"*" stands where a number is due'],
    ["1 / 0", "division by zero"],
    ["1 / (2 - 2)", "division by zero"],
    ["9".repeat(309), "the result is too large"],
    ["(".repeat(501), "longer than 500 characters"],
    ["process.exit()", '"p" is not a digit'],
    ["1,000 + 1", '"," is not a digit'],
    ["1e3", '"e" is not a digit'],
  ])("%s is no sum, and the model is told why", (expression, why) => {
    expect(() => calculate(expression)).toThrow(
      expect.objectContaining({
        name: "Fault:llm-recoverable:bad_expression",
        message: expect.stringContaining(why),
      }),
    );
  });

  it("never throws anything but its fault, whatever a model writes", () => {
    const anything = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."0123456789.+-*/() ") }));
    fc.assert(
      fc.property(anything, (expression) => {
        try {
          expect(Number.isFinite(calculate(expression))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad_expression" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
