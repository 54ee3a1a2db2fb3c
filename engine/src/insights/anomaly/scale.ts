import { quantile } from './robust.ts'

/** Amounts as the detector compares them: in proportion where they are large, plainly where they are small, so that nothing is divided by zero. */
export interface Scaling {
  readonly yOf: (x: number) => number
  readonly xOf: (y: number) => number
  /** What a busy step has: of those that are not zero a quarter has more. */
  readonly busy: number
}

/** Half of a usual amount that is not zero: below it differences count plainly, above it as ratios. Null of a series that is all zeros. */
export function scalingOf(values: readonly (number | null)[]): Scaling | null {
  const amounts = values.flatMap((value) => (value === null || value === 0 ? [] : [Math.abs(value)]))
  const [usual, busy] = [quantile(amounts, 0.5), quantile(amounts, 0.75)]
  if (usual === null || busy === null) return null
  const unit = usual / 2
  return { yOf: (x) => Math.asinh(x / unit), xOf: (y) => unit * Math.sinh(y), busy }
}
