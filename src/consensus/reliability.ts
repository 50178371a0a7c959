/**
 * What votes and retries do to reliability, as formulas. Used to choose n and k before a run (`npm run reliability`), and
 * by the false-consensus check. All of them hold for independent errors only: docs/consensus.md says when they are not.
 *
 * Rates are shares from 0 to 1. Every function: @throws RangeError, in one line, for an argument out of its range.
 */

/** Chance that `steps` steps in a row are all right when each fails at rate `pError`: (1 - pError)^steps. */
export function seriesReliability(steps: number, pError: number): number {
  whole("seriesReliability: steps", steps, 0);
  share("seriesReliability: pError", pError);
  // Exact also where 1 - pError is 1 in floating point.
  return steps === 0 ? 1 : Math.exp(steps * Math.log1p(-pError));
}

/** Error rate of one step decided by first-to-ahead-by-k, from arXiv:2511.09030: 1 / (1 + (p / pError)^k), p = 1 - pError. */
export function residualError(k: number, pError: number): number {
  whole("residualError: k", k, 1);
  share("residualError: pError", pError);
  return 1 / (1 + ((1 - pError) / pError) ** k);
}

/**
 * The smallest k with which `steps` steps, each decided by first-to-ahead-by-k, all come out right with probability
 * `target`: ceil(ln(target^(-1/steps) - 1) / ln(pError / (1 - pError))), from arXiv:2511.09030. At least 1.
 *
 * @param pError - Below one half: of a coin, or worse, no number of votes makes a right answer.
 * @param target - Above 0 and below 1.
 */
export function kMin(steps: number, pError: number, target: number): number {
  whole("kMin: steps", steps, 1);
  if (!(pError >= 0 && pError < 0.5))
    throw new RangeError(`kMin: pError must be from 0 to below 0.5, got ${pError}`);
  if (!(target > 0 && target < 1))
    throw new RangeError(`kMin: target must be above 0 and below 1, got ${target}`);
  if (pError === 0) return 1;
  // target^(-1/steps) - 1, exact also for a million steps.
  const allowed = Math.expm1(-Math.log(target) / steps);
  const k = Math.log(allowed) / Math.log(pError / (1 - pError));
  // A k that reaches the target exactly must not become the next one by rounding.
  return Math.max(1, Math.ceil(k * (1 - 1e-9)));
}

/** Votes that first-to-ahead-by-k takes on average: k (2P - 1) / (2p - 1), P the chance that it is right (gambler's ruin). */
export function expectedVotes(k: number, pError: number): number {
  whole("expectedVotes: k", k, 1);
  share("expectedVotes: pError", pError);
  // Of a fair coin: k² (the limit of the formula).
  if (pError === 0.5) return k * k;
  return (k * (1 - 2 * residualError(k, pError))) / (1 - 2 * pError);
}

/**
 * What `steps` steps cost on average, in the unit of `perSample`.
 *
 * @param options.surviving - Share of samples that no red flag discards, above 0. Default 1.
 */
export function expectedCost(
  steps: number,
  k: number,
  pError: number,
  { perSample, surviving = 1 }: { perSample: number; surviving?: number },
): number {
  whole("expectedCost: steps", steps, 0);
  if (!(perSample >= 0 && perSample < Number.POSITIVE_INFINITY))
    throw new RangeError(`expectedCost: perSample must be a number from 0, got ${perSample}`);
  if (!(surviving > 0 && surviving <= 1))
    throw new RangeError(`expectedCost: surviving must be above 0 and at most 1, got ${surviving}`);
  return (steps * perSample * expectedVotes(k, pError)) / surviving;
}

/** Chance that n independent votes have no right majority: n - floor(n/2) errors or more. Of an even n a tie is one too. */
export function majorityError(n: number, pError: number): number {
  whole("majorityError: n", n, 1);
  share("majorityError: pError", pError);
  // The upper tail itself, since 1 minus the rest would lose the digits of a tiny one.
  return binomialFrom(n - Math.floor(n / 2), n, n, pError);
}

/** Defects per million opportunities. */
export function dpmo(pError: number): number {
  return 1e6 * share("dpmo: pError", pError);
}

/** Chance of at most `successes` in `n` independent trials at rate `p`. */
export function binomialAtMost(successes: number, n: number, p: number): number {
  whole("binomialAtMost: successes", successes, 0);
  whole("binomialAtMost: n", n, 0);
  share("binomialAtMost: p", p);
  return successes >= n ? 1 : binomialFrom(0, successes, n, p);
}

/** Chance of `least` to `most` successes, `most` at most n. */
function binomialFrom(least: number, most: number, n: number, p: number): number {
  if (p === 1) return most === n ? 1 : 0;
  // In logarithms: (1 - p)^n is 0 in floating point where n is large.
  const odds = Math.log(p) - Math.log1p(-p);
  let term = n * Math.log1p(-p);
  let sum = least === 0 ? Math.exp(term) : 0;
  for (let i = 1; i <= most; i++) {
    term += Math.log((n - i + 1) / i) + odds;
    if (i >= least) sum += Math.exp(term);
  }
  return Math.min(1, sum);
}

function whole(what: string, value: number, least: number): void {
  if (!(Number.isInteger(value) && value >= least))
    throw new RangeError(`${what} must be a whole number from ${least}, got ${value}`);
}

function share(what: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new RangeError(`${what} must be a share from 0 to 1, got ${value}`);
}
