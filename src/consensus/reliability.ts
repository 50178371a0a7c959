/**
 * What votes and retries do to reliability, as formulas. Used to choose n and k before a run (`npm run reliability`), and
 * by the false-consensus check. All of them hold for independent errors only: see docs/consensus.md for when they don't.
 */

/** Chance that `steps` steps in a row are all right when each fails at rate `pError`: (1 - pError)^steps. */
export function seriesReliability(steps: number, pError: number): number {
  return Math.exp(steps * Math.log1p(-pError));
}

/** Error rate of one step decided by first-to-ahead-by-k, from arXiv:2511.09030: 1 / (1 + (p / pError)^k), p = 1 - pError. */
export function residualError(k: number, pError: number): number {
  return 1 / (1 + ((1 - pError) / pError) ** k);
}

/**
 * The smallest k with which `steps` steps, each decided by first-to-ahead-by-k, all come out right with probability
 * `target`: ceil(ln(target^(-1/steps) - 1) / ln(pError / (1 - pError))), from arXiv:2511.09030. At least 1.
 *
 * @throws RangeError when no k does: a `pError` of one half or more.
 */
export function kMin(steps: number, pError: number, target: number): number {
  if (!(pError >= 0 && pError < 0.5))
    throw new RangeError(`kMin: pError must be from 0 to below 0.5, got ${pError}`);
  if (pError === 0) return 1;
  const k = Math.log(Math.expm1(-Math.log(target) / steps)) / Math.log(pError / (1 - pError));
  return Math.max(1, Math.ceil(k));
}

/** Votes that first-to-ahead-by-k takes on average: k (2P - 1) / (2p - 1), P the chance that it is right (gambler's ruin). */
export function expectedVotes(k: number, pError: number): number {
  return (k * (1 - 2 * residualError(k, pError))) / (1 - 2 * pError);
}

/**
 * What `steps` steps cost on average.
 *
 * @param options.perSample - Of one sample, in any unit.
 * @param options.surviving - Share of samples that no red flag discards, above 0. Default 1.
 */
export function expectedCost(
  steps: number,
  k: number,
  pError: number,
  { perSample, surviving = 1 }: { perSample: number; surviving?: number },
): number {
  return (steps * perSample * expectedVotes(k, pError)) / surviving;
}

/** Chance that a majority of n independent votes is wrong: n - floor(n/2) errors or more, errors all alike. */
export function majorityError(n: number, pError: number): number {
  return 1 - binomialAtMost(n - Math.floor(n / 2) - 1, n, pError);
}

/** Defects per million opportunities. */
export function dpmo(pError: number): number {
  return 1e6 * pError;
}

/** Chance of at most `successes` in `n` independent trials at rate `p`. */
export function binomialAtMost(successes: number, n: number, p: number): number {
  let term = (1 - p) ** n;
  let sum = term;
  for (let i = 1; i <= successes; i++) {
    term *= ((n - i + 1) / i) * (p / (1 - p));
    sum += term;
  }
  return Math.min(1, sum);
}
