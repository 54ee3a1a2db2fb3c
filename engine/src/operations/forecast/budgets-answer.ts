import type { CostForecast } from '@purser/contract'
import { type BudgetForecast, bucketLabel, historyLackingInWords } from '../../insights/index.ts'
import { formatInstant, formatPeriod, usdNumberOfPicos, usdOfPicos } from '../../kernel/index.ts'
import { camelDimension } from '../chargeback/spelling.ts'
import { estimate, intervalsOf } from './figures.ts'

type BudgetAnswer = CostForecast['budgets'][number]

/** How budgets may end, the likeliest to be passed first. */
export function budgetsAnswer(forecasts: readonly BudgetForecast[]): BudgetAnswer[] {
  return forecasts.map(answerOf).sort((a, b) => (b.breachProbability ?? -1) - (a.breachProbability ?? -1))
}

function answerOf({ standing, until, outcome }: BudgetForecast): BudgetAnswer {
  const { match, spent, held } = standing
  const { rule, counter } = match
  const about = {
    budgetId: rule.id,
    name: rule.name,
    dimension: camelDimension(rule.dimension),
    value: counter.value,
    period: formatPeriod(rule.period),
    zone: rule.zone,
    mode: rule.mode,
    limitUsd: usdNumberOfPicos(rule.limit),
    limitUsdExact: usdOfPicos(rule.limit),
    spentUsd: usdNumberOfPicos(spent),
    spentUsdExact: usdOfPicos(spent),
    heldUsd: usdOfPicos(held),
    until: formatInstant(until),
    status: outcome.kind,
  }
  const unknown = { projectedSpend: null, interval80: null, exhaustionDate: null, earliestExhaustionDate: null }
  switch (outcome.kind) {
    case 'passed':
      return { ...about, ...unknown, breachProbability: 1, explanation: 'More is spent than the limit.' }
    case 'too_short':
      return {
        ...about,
        ...unknown,
        breachProbability: null,
        explanation: 'A rolling window under two hours is shorter than what is counted.',
      }
    case 'not_enough_history':
      return { ...about, ...unknown, breachProbability: null, explanation: historyLackingInWords(outcome, outcome.unit) }
    case 'forecast': {
      const { projected, probability, unit, exhaustedAt, earlyAt, historySteps } = outcome
      return {
        ...about,
        breachProbability: probability,
        projectedSpend: projected === null ? null : estimate(projected.median),
        interval80: intervalsOf(projected, 0).interval80,
        exhaustionDate: exhaustedAt === null ? null : bucketLabel(exhaustedAt, unit, rule.zone),
        earliestExhaustionDate: earlyAt === null ? null : bucketLabel(earlyAt, unit, rule.zone),
        explanation: `Forecast of ${historySteps} ${unit}s of ${camelDimension(rule.dimension)} ${counter.value}.`,
      }
    }
  }
}
