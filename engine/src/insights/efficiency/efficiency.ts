import { type CallQuery, type CallStore, knownCost, knownTokens, type Measures } from '../../calls/index.ts'
import { type Millis, type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { share } from '../averages.ts'
import { totalOf } from '../breakdown.ts'
import { ratio } from '../cache/write-share.ts'
import { dailySpend } from '../daily.ts'
import { wasteByBucket } from '../waste/waste.ts'
import { type Score, scoreOf } from './score.ts'

/** What a fleet says of itself in a daily report: shown beside the score, never in its place. */
export interface SelfAssessed {
  readonly score: number
  readonly date: string
}

export interface EfficiencyDay extends Score {
  /** The first instant of the day in the zone of the question. */
  readonly start: Millis
  readonly calls: number
  readonly waste: ReadonlyMap<string, Picos>
}

export interface Efficiency extends Score {
  readonly total: Measures
  readonly wasted: Picos
  /** Every day of the question; days without calls have no score. */
  readonly days: readonly EfficiencyDay[]
  readonly selfAssessed: SelfAssessed | null
}

/** How well is the money spent? A score from measured parts, of the whole time and of each day. */
export async function efficiency(
  store: CallStore,
  { zone, ...query }: CallQuery & { readonly zone: string },
  selfAssessed: SelfAssessed | null = null,
): Promise<Efficiency> {
  const [total, days, wasted] = await Promise.all([
    totalOf(store, query),
    dailySpend(store, { ...query, zone }),
    wasteByBucket(store, query, { period: 'day', zone }),
  ])
  const all = sumPicos([...wasted.values()].map(sumOf))
  return {
    ...measuredScore(total, all),
    total,
    wasted: all,
    selfAssessed,
    days: days.map(({ start, ...sums }) => {
      const waste = wasted.get(start) ?? NO_WASTE
      return { start, calls: sums.calls, waste, ...measuredScore(sums, sumOf(waste)) }
    }),
  }
}

const NO_WASTE: ReadonlyMap<string, Picos> = new Map()

function sumOf(categories: ReadonlyMap<string, Picos>): Picos {
  return sumPicos([...categories.values()])
}

function measuredScore(sums: Measures, wasted: Picos): Score {
  const cost = knownCost(sums)
  const usesCache = knownTokens(sums) !== null && sums.cacheReadTokens + sums.cacheWriteTokens > 0
  return scoreOf({
    wasteShare: sums.calls === 0 || cost === null || cost < ZERO ? null : cost === ZERO ? 0 : ratio(within(wasted, cost), cost),
    cacheShare: usesCache ? Math.min(1, share(sums.cacheReadTokens, sums.inputTokens) ?? 0) : null,
    failedShare: share(sums.failed, sums.calls),
  })
}

/** Corrections can leave less cost than waste, or less waste than none. */
function within(amount: Picos, most: Picos): Picos {
  if (amount < ZERO) return ZERO
  return amount > most ? picos(most) : amount
}
