/** The mean; 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The value below which a share of the values lies, between neighbours by their distance (Hyndman and Fan, type 7). `sorted` ascends and holds something. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below] ?? Number.NaN
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN
  return low + (high - low) * (place - below)
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )
}

/** The median distance from a centre, scaled so that it is the standard deviation of normal noise: outliers do not move it. */
export function robustSpread(values: readonly number[], centre: number = median(values)): number {
  return 1.4826 * median(values.map((value) => Math.abs(value - centre)))
}

/** How probable a chi-square number of so many degrees of freedom is to be at least this large (Wilson and Hilferty's approximation). */
export function chiSquareTail(value: number, degrees: number): number {
  if (value <= 0 || degrees <= 0) return 1
  const spread = 2 / (9 * degrees)
  return normalTail(((value / degrees) ** (1 / 3) - (1 - spread)) / Math.sqrt(spread))
}

/** Abramowitz and Stegun 26.2.17, to 7.5e-8. */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z)
  const t = 1 / (1 + 0.2316419 * z)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}
