/**
 * How long to wait before another attempt: capped exponential backoff with jitter.
 *
 * Formulas from Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. Only the number is
 * computed here; `wait` waits, and whether to try again is the category's word.
 */

/**
 * With t = min(cap, base · 2^(attempt − 1)) and u(a, b) uniform in [a, b):
 *
 * - full: u(0, t). Fewest calls under contention; the default everywhere.
 * - equal: t/2 + u(0, t/2). Never returns at once.
 * - decorrelated: min(cap, u(base, 3 · the previous wait)). Depends on the last wait, not on the attempt.
 */
export type Jitter = "full" | "equal" | "decorrelated";

export interface BackoffOptions {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** t of the first attempt, in ms. */
  readonly baseMs: number;
  /** No result is longer, in ms. A cap below the base wins. */
  readonly capMs: number;
  /** Default "full". */
  readonly jitter?: Jitter;
  /** The last wait, for "decorrelated" only. Default `baseMs`. */
  readonly previousMs?: number;
  /** Uniform in [0, 1). Default Math.random. */
  readonly random?: () => number;
}

/**
 * @returns ms, from 0 up to and including `capMs`.
 * @throws RangeError when a number is out of range; it names the field and the value.
 */
export function backoffMs(options: BackoffOptions): number {
  const { attempt, baseMs, capMs, jitter = "full", previousMs = baseMs, random = Math.random } = options;
  if (!Number.isSafeInteger(attempt) || attempt < 1) {
    throw new RangeError(`backoffMs: attempt must be a whole number from 1, got ${attempt}`);
  }
  for (const [field, value] of Object.entries({ baseMs, capMs, previousMs })) {
    if (!Number.isFinite(value) || value < 0) {
      throw new RangeError(`backoffMs: ${field} must be a finite number of ms from 0, got ${value}`);
    }
  }
  // 2 ** 1024 is Infinity, and 0 * Infinity is NaN. 2 ** 1000 is past any cap already.
  const exponential = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 1_000));
  switch (jitter) {
    case "full":
      return random() * exponential;
    case "equal":
      // The smallest numbers round up when they are halved.
      return Math.min(exponential, exponential / 2 + (random() * exponential) / 2);
    case "decorrelated":
      return Math.min(capMs, baseMs + random() * Math.max(0, previousMs * 3 - baseMs));
    default:
      throw new RangeError(`backoffMs: jitter must be full, equal or decorrelated, got ${String(jitter)}`);
  }
}
