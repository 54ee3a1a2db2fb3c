import { assert } from '../../kernel/index.ts'

export type PartName = 'waste' | 'cache' | 'failures'

/** One measured part of the score. */
export interface ScorePart {
  readonly part: PartName
  /** What was measured, 0 to 1; null: not known, and then the part has no say. */
  readonly value: number | null
  readonly meaning: string
  /** Points that the part could cost, of the 100: its own share, with that of the parts which are not known. */
  readonly weight: number
  readonly lost: number
  readonly why: string
}

export interface Score {
  /** 0 to 100, one decimal; null when no part is known. */
  readonly score: number | null
  readonly parts: readonly ScorePart[]
}

/** What is measured of a span of time, each 0 to 1 or not known. */
export interface Measured {
  /** Of what was spent, what was wasted. */
  readonly wasteShare: number | null
  /** Of the input tokens, those read from a cache; not known where no call uses one. */
  readonly cacheShare: number | null
  /** Of the calls, those that failed. */
  readonly failedShare: number | null
}

/** Points of each part when all are known. Reasons stand in docs/efficiency.md. */
const POINTS: Readonly<Record<PartName, number>> = { waste: 50, cache: 30, failures: 20 }
/** A third of the money wasted, or a fifth of the calls failed, is as bad as it gets for the score. */
const WASTE_WORST = 1 / 3
const FAILED_WORST = 0.2
/** Where caches are used at all, this share of the input can come from them. */
const CACHE_BEST = 0.95

/** Points are lost in proportion, up to the worst; what is not known neither loses nor wins any. A statistic: never money. */
export function scoreOf(measured: Measured): Score {
  const known = PARTS.filter(({ read }) => read(measured) !== null)
  const points = known.reduce((sum, { part }) => sum + POINTS[part], 0)
  const parts = PARTS.map(({ part, read, meaning, badness, unknown, known: words }): ScorePart => {
    const value = read(measured)
    if (value === null) return { part, value, meaning, weight: 0, lost: 0, why: unknown }
    assert(value >= 0 && value <= 1, 'a measured part is a share')
    const weight = (100 * POINTS[part]) / points
    const lost = weight * Math.min(1, badness(value))
    return { part, value, meaning, weight: rounded(weight), lost: rounded(lost), why: words(value, rounded(lost)) }
  })
  const lost = PARTS.reduce((sum, { part, read, badness }) => {
    const value = read(measured)
    return value === null ? sum : sum + ((100 * POINTS[part]) / points) * Math.min(1, badness(value))
  }, 0)
  return { score: points === 0 ? null : rounded(Math.max(0, 100 - lost)), parts }
}

interface Part {
  readonly part: PartName
  readonly read: (measured: Measured) => number | null
  readonly meaning: string
  /** 0: as good as can be; 1 and more: all points are lost. */
  readonly badness: (value: number) => number
  readonly unknown: string
  readonly known: (value: number, lost: number) => string
}

const PARTS: readonly Part[] = [
  {
    part: 'waste',
    read: ({ wasteShare }) => wasteShare,
    meaning: 'wasted cost of all cost',
    badness: (value) => value / WASTE_WORST,
    unknown: 'no cost is known, so its wasted part is not either',
    known: (value, lost) => `${percent(value)} of the cost is waste: ${lost} points`,
  },
  {
    part: 'cache',
    read: ({ cacheShare }) => cacheShare,
    meaning: 'cached tokens of all input tokens',
    badness: (value) => Math.max(0, 1 - value / CACHE_BEST),
    unknown: 'no call used a cache, or said so: the other parts count for more',
    known: (value, lost) => `${percent(value)} of the input came from a cache, of ${percent(CACHE_BEST)} that can: ${lost} points`,
  },
  {
    part: 'failures',
    read: ({ failedShare }) => failedShare,
    meaning: 'failed calls of all calls',
    badness: (value) => value / FAILED_WORST,
    unknown: 'there are no calls',
    known: (value, lost) => `${percent(value)} of the calls failed: ${lost} points`,
  },
]

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
