/** Medians of a few rounds, and how they are shown. */

/** Of an even number of values, the mean of the middle two. @throws RangeError without any value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  if (high === undefined || low === undefined) throw new RangeError("median: no values");
  return (low + high) / 2;
}

/** Median and range, such as `3108 [2727..3507]`. */
export function spread(values: readonly number[], digits: number): string {
  const shown = (value: number) => value.toFixed(digits);
  return `${shown(median(values))} [${shown(Math.min(...values))}..${shown(Math.max(...values))}]`;
}
