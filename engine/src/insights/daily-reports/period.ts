import { knownCost, knownTokens, type Measures, sumMeasures } from '../../calls/index.ts'
import { type Millis, type Picos, picos, ZERO } from '../../kernel/index.ts'
import { sumAmounts } from './lines.ts'
import type { Amounts, Compared, MeasuredDay, ReconciledDay } from './records.ts'
import { beyondCalls } from './waste-sides.ts'

/** Days of a period together. */
export interface PeriodSums {
  readonly cost: Compared<Picos>
  readonly tokens: Compared<number>
  readonly requests: Compared<number>
  readonly unpriced: number
  readonly unmetered: number
  readonly reports: number
  /** What calls show of each category, and what reports declare beyond that, each summed over the days. */
  readonly waste: { readonly measured: Amounts; readonly reportedOnly: Amounts }
  /**
   * Dates of which nobody knows what they cost. A day with neither calls nor a report costs nothing where calls are what an organization sends: the books
   * know that there were none. Where it sends reports, nobody has said what that day cost.
   */
  readonly unknownDates: readonly string[]
}

/**
 * The sums over days. They are taken day by day: what one day reports beyond its calls is not set off against another. `sendsCalls`: the organization has
 * reported calls one by one, if not in these days.
 */
export function sumDays(days: readonly ReconciledDay[], measured: readonly MeasuredDay[], sendsCalls: boolean): PeriodSums {
  const sums = sumMeasures(measured.map((day) => day.sums))
  const hasCalls = sums.calls > 0 || sums.cost !== ZERO
  const reports = days.reduce((count, day) => count + day.reports, 0)
  return {
    cost: sumOfCosts(days, sums, hasCalls, reports > 0),
    tokens: sumOfCounts(
      days,
      ({ tokens }) => tokens,
      hasCalls ? knownTokens(sums) : null,
      reports > 0,
      (total) => knownTokens(sums, total),
    ),
    requests: sumOfCounts(
      days,
      ({ requests }) => requests,
      hasCalls ? sums.calls : null,
      reports > 0,
      (total) => total,
    ),
    unpriced: sums.unpriced,
    unmetered: sums.unmetered,
    reports,
    waste: {
      measured: sumAmounts(days.flatMap(({ waste }) => [...waste.measured])),
      reportedOnly: sumAmounts(days.flatMap(({ waste }) => beyondCalls(waste))),
    },
    unknownDates: sendsCalls && reports === 0 ? [] : days.flatMap(({ source, date }) => (source === 'none' ? [date] : [])),
  }
}

function sumOfCosts(days: readonly ReconciledDay[], sums: Measures, hasCalls: boolean, hasReports: boolean): Compared<Picos> {
  let beyond = 0n
  let said = 0n
  for (const { cost } of days) {
    beyond += cost.reportedOnly
    said += cost.reported ?? 0n
  }
  const measured = hasCalls ? knownCost(sums) : null
  const reported = hasReports ? picos(said) : null
  return {
    total: knownCost({ ...sums, cost: picos(sums.cost + beyond) }),
    measured,
    reported,
    reportedOnly: picos(beyond),
    variance: measured === null || reported === null ? null : picos(reported - measured),
  }
}

function sumOfCounts(
  days: readonly ReconciledDay[],
  of: (day: ReconciledDay) => Compared<number>,
  measured: number | null,
  hasReports: boolean,
  known: (total: number) => number | null,
): Compared<number> {
  const add = (part: (compared: Compared<number>) => number): number => days.reduce((total, day) => total + part(of(day)), 0)
  const reportedOnly = add((compared) => compared.reportedOnly)
  const reported = hasReports ? add((compared) => compared.reported ?? 0) : null
  return {
    total: known((measured ?? 0) + reportedOnly),
    measured,
    reported,
    reportedOnly,
    variance: measured === null || reported === null ? null : reported - measured,
  }
}

/** Money, and when it was known. */
export interface KnownSpend {
  readonly at: Millis
  readonly amount: Picos
}

/** When what was known to be spent reached a level; null when it has not. What becomes known later moves nothing. */
export function reachedAt(spends: readonly KnownSpend[], level: Picos): Millis | null {
  let spent = 0n
  for (const { at, amount } of [...spends].sort((left, right) => left.at - right.at)) {
    spent += amount
    if (spent >= level) return at
  }
  return null
}
