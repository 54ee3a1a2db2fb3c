import { knownCost, knownTokens } from '../../calls/index.ts'
import { type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { reconcileLines, sumAmounts } from './lines.ts'
import type { Amounts, Compared, DailyReport, MeasuredDay, ReconciledDay } from './records.ts'
import { largerOf } from './waste-sides.ts'

/**
 * A day as calls and reports tell it together. A report is about the same calls as those that were reported one by one, so it adds only what they do not
 * account for: `max(0, reported - measured)`, for cost, tokens and requests each. Reports of different sources are about different calls and add up.
 * `wasted`: what of the calls was spent for nothing.
 */
export function reconcileDay(measured: MeasuredDay, reports: readonly DailyReport[], wasted: Amounts = NOTHING): ReconciledDay {
  const { sums } = measured
  const hasCalls = sums.calls > 0
  const declared = sumAmounts(reports.flatMap(({ waste }) => [...(waste ?? [])]))
  const cost = comparedCost(measured, reports)
  const tokens = sum(reports, 'tokens')
  const measuredTokens = knownTokens(sums)
  const tokensOnly = Math.max(0, tokens - (measuredTokens ?? 0))
  const requests = sum(reports, 'requests')
  const requestsOnly = Math.max(0, requests - sums.calls)
  return {
    date: measured.date,
    source: hasCalls ? (reports.length > 0 ? 'both' : 'calls') : reports.length > 0 ? 'report' : 'none',
    cost,
    tokens: {
      total: knownTokens(sums, (measuredTokens ?? 0) + tokensOnly),
      ...sides(hasCalls ? measuredTokens : null, reports.length > 0 ? tokens : null),
      reportedOnly: tokensOnly,
    },
    requests: {
      total: sums.calls + requestsOnly,
      ...sides(hasCalls ? sums.calls : null, reports.length > 0 ? requests : null),
      reportedOnly: requestsOnly,
    },
    unpriced: sums.unpriced,
    unmetered: sums.unmetered,
    byModel: reconcileLines(measured.byModel, reports, ({ costByModel }) => costByModel, cost.reportedOnly),
    byAction: reconcileLines(measured.byAction, reports, ({ costByAction }) => costByAction, cost.reportedOnly),
    waste: { categories: largerOf(wasted, declared), measured: wasted, reported: declared },
    selfAssessed: selfAssessed(reports),
    reports: reports.length,
  }
}

const NOTHING: Amounts = new Map()

function comparedCost({ sums }: MeasuredDay, reports: readonly DailyReport[]): Compared<Picos> {
  const said = sumPicos(reports.map(({ cost }) => cost))
  const beyond = picos(said - sums.cost)
  const reportedOnly = reports.length > 0 && beyond > ZERO ? beyond : ZERO
  const measured = sums.calls > 0 || sums.cost !== ZERO ? knownCost(sums) : null
  const reported = reports.length > 0 ? said : null
  return {
    total: knownCost({ ...sums, cost: picos(sums.cost + reportedOnly) }),
    measured,
    reported,
    reportedOnly,
    variance: measured === null || reported === null ? null : picos(reported - measured),
  }
}

function sides(measured: number | null, reported: number | null): Pick<Compared<number>, 'measured' | 'reported' | 'variance'> {
  return { measured, reported, variance: measured === null || reported === null ? null : reported - measured }
}

function sum(reports: readonly DailyReport[], field: 'tokens' | 'requests'): number {
  return reports.reduce((total, report) => total + report[field], 0)
}

/** How reports of one day assess themselves; null where none does. Who made more requests weighs more. A score is a statistic: a float, and no part of the books. */
export function selfAssessed(reports: readonly DailyReport[]): number | null {
  const scored = reports.flatMap(({ score, requests }) => (score === null ? [] : [{ score, requests }]))
  if (scored.length === 0) return null
  const requests = scored.reduce((total, each) => total + each.requests, 0)
  const weightOf = (each: { requests: number }): number => (requests === 0 ? 1 / scored.length : each.requests / requests)
  return scored.reduce((mean, each) => mean + each.score * weightOf(each), 0)
}
