/**
 * A bound on retries that lives in state as a number, so that a crash or a resume does not fill it up again:
 * LangGraph's own count starts anew with every resume (measured on 1.7.3: P16).
 */

/**
 * Takes one from a budget.
 *
 * @param budget - How many may be spent in all, from 0.
 * @param used - How many are spent, as state has it.
 * @returns The new `used`, to be written to state; undefined when nothing is left.
 * @throws RangeError when a number is negative or not whole; it names the field and the value.
 *
 * @example
 * ```ts
 * spend(2, 0); // => 1
 * spend(2, 2); // => undefined
 * ```
 */
export function spend(budget: number, used: number): number | undefined {
  for (const [field, value] of Object.entries({ budget, used })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`spend: ${field} must be a whole number from 0, got ${value}`);
    }
  }
  return used < budget ? used + 1 : undefined;
}
