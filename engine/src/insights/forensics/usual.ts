/** What is usual of a figure, told by its middle: one wild value among many does not move it. */
export interface Usual {
  /** How many values it is told from. */
  readonly history: number
  readonly median: number
  /** Median of the distances from the median. */
  readonly mad: number
  /** A value above it is far from usual. */
  readonly threshold: number
}

/** Scales the median distance of normally distributed values to their standard deviation. */
const MAD_TO_SIGMA = 1.4826
/** Outliers are beyond 3.5 of these (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). */
const SIGMAS = 3.5
/** And twice the usual at least: where nearly all values are equal, a few percent more would be an outlier. */
const TIMES = 2

/** Null when there are too few values to tell. `marginMin`: a value so little above the usual is of no interest, however rare. */
export function usualOf(values: readonly number[], historyMin: number, marginMin: number): Usual | null {
  if (values.length < historyMin) return null
  const median = medianOf(values)
  const mad = medianOf(values.map((value) => Math.abs(value - median)))
  return {
    history: values.length,
    median,
    mad,
    threshold: Math.max(TIMES * median, median + SIGMAS * MAD_TO_SIGMA * mad, median + marginMin),
  }
}

/** The value in the middle, the lower one of two, so that it is a value that has occurred. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

/** The same of amounts of money, exact. */
export function medianAmount(amounts: readonly bigint[]): bigint | null {
  const sorted = [...amounts].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0))
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
