/** One measured line: ours beside what it is compared with, in one run. */
export interface Measurement {
  readonly what: string
  readonly ours: string
  readonly beside: string
  /** `at least 0.4`, `under 100 ms`; empty where nothing is asked. */
  readonly target: string
  readonly figure: string
  readonly met: boolean | null
}

export interface Section {
  readonly title: string
  readonly method: string
  readonly measurements: readonly Measurement[]
}

/** Two figures of one run and unit. */
interface Pair {
  readonly ours: number
  readonly beside: number
  readonly unit: string
  readonly besideWhat: string
}

export function atLeast(what: string, figures: Pair, ratioMin: number): Measurement {
  return { ...ratioOf(what, figures), target: `at least ${ratioMin}`, met: figures.ours / figures.beside >= ratioMin }
}

export function atMost(what: string, figures: Pair, ratioMax: number): Measurement {
  return { ...ratioOf(what, figures), target: `at most ${ratioMax}`, met: figures.ours / figures.beside <= ratioMax }
}

/** A ratio that nothing is asked of. */
export function ratioOf(what: string, { ours, beside, unit, besideWhat }: Pair): Measurement {
  return {
    what,
    ours: `${rounded(ours)} ${unit}`,
    beside: `${rounded(beside)} ${unit} (${besideWhat})`,
    target: '',
    figure: (ours / beside).toFixed(2),
    met: null,
  }
}

export function under(what: string, value: number, limit: number, unit: string, beside = ''): Measurement {
  return {
    what,
    ours: `${rounded(value)} ${unit}`,
    beside,
    target: `under ${rounded(limit)} ${unit}`,
    figure: rounded(value),
    met: value < limit,
  }
}

export function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
