import type { DailyDashboard, DailyTrends } from '@purser/contract'
import { type Amounts, dearest, type PeriodSums, type ReconciledDay, type ReconciledLines } from '../../insights/index.ts'
import { type Picos, usdOfPicos } from '../../kernel/index.ts'
import { usdText } from '../wire/charge-answer.ts'
import { usdNumber } from '../wire/measures-answer.ts'

type DayAnswer = DailyTrends['data'][number]
type ComparedAnswer = Pick<DailyDashboard['summary'], 'measured' | 'reported' | 'reported_only' | 'unpriced_calls' | 'unmetered_calls'>

/** Lines of one day that an answer has room for. */
const LINES_MAX = 100

/** A day in the words of the reference, and beside them what its total is made of. */
export function dayAnswer(day: ReconciledDay): DayAnswer {
  const { cost, tokens, requests } = day
  const models = dearest(day.byModel, LINES_MAX)
  const actions = dearest(day.byAction, LINES_MAX)
  return {
    date: day.date,
    ...totalsAnswer(day),
    cost_by_model: numbers(models.lines),
    cost_by_model_exact: texts(models.lines),
    cost_by_model_rest: restAnswer(models),
    cost_by_action: numbers(actions.lines),
    cost_by_action_exact: texts(actions.lines),
    cost_by_action_rest: restAnswer(actions),
    waste_categories: numbers(day.waste.categories),
    waste_categories_exact: texts(day.waste.categories),
    waste_measured_exact: texts(day.waste.measured),
    waste_reported_exact: texts(day.waste.reported),
    source: day.source === 'none' ? 'calls' : day.source,
    ...comparedAnswer(day),
    variance:
      cost.variance === null && tokens.variance === null && requests.variance === null
        ? null
        : { cost: usdText(cost.variance), tokens: tokens.variance, requests: requests.variance },
  }
}

export function totalsAnswer({ cost, tokens, requests }: Pick<PeriodSums, 'cost' | 'tokens' | 'requests'>) {
  return {
    total_cost: usdNumber(cost.total),
    total_cost_exact: usdText(cost.total),
    total_tokens: tokens.total,
    total_requests: requests.total ?? 0,
  }
}

export function comparedAnswer(of: Pick<PeriodSums, 'cost' | 'tokens' | 'requests' | 'unpriced' | 'unmetered'>): ComparedAnswer {
  const { cost, tokens, requests, unpriced, unmetered } = of
  return {
    measured: requests.measured === null ? null : { cost: usdText(cost.measured), tokens: tokens.measured, requests: requests.measured },
    reported: requests.reported === null ? null : { cost: usdText(cost.reported), tokens: tokens.reported, requests: requests.reported },
    reported_only: { cost: usdOfPicos(cost.reportedOnly), tokens: tokens.reportedOnly, requests: requests.reportedOnly },
    unpriced_calls: unpriced,
    unmetered_calls: unmetered,
  }
}

function restAnswer({ unattributed, reportedOnly, others }: ReconciledLines): DayAnswer['cost_by_model_rest'] {
  return { unattributed: usdOfPicos(unattributed), reported_only: usdOfPicos(reportedOnly), others: usdOfPicos(others) }
}

/** Built from pairs, so that a name like `__proto__` is a line like any other. */
function numbers(lines: ReadonlyMap<string, Picos | null> | Amounts): Record<string, number | null> {
  return Object.fromEntries([...lines].map(([name, amount]) => [name, usdNumber(amount)]))
}

function texts(lines: ReadonlyMap<string, Picos | null> | Amounts): Record<string, string | null> {
  return Object.fromEntries([...lines].map(([name, amount]) => [name, usdText(amount)]))
}
