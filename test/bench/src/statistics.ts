/** The middle of the values; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const half = sorted.length / 2;
  return (valueAt(sorted, Math.ceil(half) - 1) + valueAt(sorted, Math.floor(half))) / 2;
}

/** The smallest value that at least `percent` of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = ascending(values);
  return valueAt(sorted, Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1));
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function valueAt(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError('there are no values to measure');
  return value;
}
