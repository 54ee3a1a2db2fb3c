import { costPerOutcome as costPerOutcomeEndpoint, type OutcomesAnswer, type OutcomesQuery } from '@purser/contract'
import type { Dimension, Measures } from '../../calls/index.ts'
import {
  allWeeks,
  type Comparison,
  type CostPerOutcome,
  costPerOutcome,
  LEVERS,
  OUTCOMES_MIN,
  type OutcomeQuestion,
  type OutcomeWeek,
} from '../../insights/index.ts'
import { fail, formatInstant, isoWeekOf, type Millis, ok, periodAt, type Result, refusal, usdOfPicos } from '../../kernel/index.ts'
import { ratesAt } from '../anomalies/token-rates.ts'
import { implement } from '../operation.ts'
import { usdText } from '../wire/charge-answer.ts'
import { rounded, usdNumber } from '../wire/measures-answer.ts'
import { dimensionOf, type Question, questionOf } from '../wire/question.ts'
import { filtersOfText } from '../wire/where.ts'
import { answering } from './faults.ts'

/** What does an outcome cost, week by week? */
export const costPerOutcomeOperation = implement(costPerOutcomeEndpoint, async (context, input): Promise<Result<OutcomesAnswer>> => {
  const { per = 'run', by, weeks = WEEKS, filter, workflow, ...rest } = input
  if (by !== undefined && per !== 'task') return fail(refusal('invalid_field', `"by" is for per=task, not for per=${per}`, { path: '/by' }))
  const dimension = per === 'run' ? ok(null) : dimensionOf(per === 'task' ? (by ?? 'tag:task') : per, '/by')
  if (!dimension.ok) return dimension
  const asked = questionOf(context, { ...rest, ...(per === 'run' || workflow === undefined ? {} : { workflow }) })
  if (!asked.ok) return asked
  const filters = filtersOfText(filter, '/filter')
  if (!filters.ok) return filters
  const now = context.services.now()
  const span = spanOf(asked.value, weeks, now)
  if (!span.ok) return span
  const where = [...(asked.value.query.where ?? []), ...filters.value]
  const question: OutcomeQuestion = {
    ...asked.value.query,
    ...span.value,
    ...(where.length === 0 ? {} : { where }),
    ...{ zone: asked.value.zone, now, outcome: outcomeOf(dimension.value, workflow), ratesAt: ratesAt(context.services) },
  }
  return answering(async () => ok(answerOf(await costPerOutcome(context.services.calls, question), question, per)))
})

const WEEKS = 8
/** As far back as calls can be reported. */
const WEEKS_MAX = 530
const WEEK_MS = 7 * 86_400_000

function outcomeOf(dimension: Dimension | null, workflow: string | undefined): OutcomeQuestion['outcome'] {
  if (dimension !== null) return { kind: 'value', dimension }
  const workflows = workflow === undefined || workflow === '' ? null : workflow.split(',').map((name) => name.trim())
  return { kind: 'run', workflows }
}

/** The time that was said, up to now; else so many weeks from the beginning of a week. */
function spanOf({ query, zone }: Question, weeks: number, now: Millis): Result<{ from: Millis; to: Millis }> {
  const to = Math.min(query.to ?? now + 1, now + 1)
  const first = periodAt({ unit: 'week' }, to - 1 - (weeks - 1) * WEEK_MS, zone)
  if (!first.ok) return first
  const from = query.from ?? first.value.start
  if (to - from > WEEKS_MAX * WEEK_MS) {
    return fail(refusal('invalid_period', `more than ${WEEKS_MAX} weeks are longer than calls can lie back`, { path: '/from' }))
  }
  return ok({ from, to })
}

type Week = OutcomesAnswer['weeks'][number]

function answerOf(found: CostPerOutcome, question: OutcomeQuestion, per: NonNullable<OutcomesQuery['per']>): OutcomesAnswer {
  const { zone, outcome } = question
  const { outcomes, attempts, sums } = allWeeks(found)
  const { trend } = found
  return {
    per,
    by: outcome.kind === 'run' ? null : outcome.dimension,
    zone,
    counted: countedWords(outcome),
    weeks: found.weeks.map((week) => weekAnswer(week, zone)),
    total: { outcomes, attempts, ...spent(sums) },
    outside: spent(found.outside),
    trend:
      trend === null
        ? null
        : {
            ...weekAnswer(trend.week, zone),
            previous_week: comparisonAnswer(trend.previous, trend.week),
            last_four_weeks: comparisonAnswer(trend.lastFour, trend.week),
          },
  }
}

function countedWords(outcome: OutcomeQuestion['outcome']): string {
  if (outcome.kind === 'value') {
    return `Each value of ${outcome.dimension} with calls in a week is one outcome of that week, at what its calls of that week have cost.`
  }
  const which = outcome.workflows === null ? 'below no other' : `of ${outcome.workflows.join(' or ')} and below no other such run`
  return `A run that succeeded and is ${which} is one outcome of the week in which it began. The cost holds all such runs of the week, also those that failed or have not ended, each with all runs below it, whenever its calls were made.`
}

function spent({ calls, unpriced, cost }: Measures) {
  return { calls, unpriced_calls: unpriced, cost: usdOfPicos(cost) }
}

function weekAnswer(week: OutcomeWeek, zone: string): Week {
  const { outcomes, attempts, failed, running } = week
  return {
    week: isoWeekOf(week.start, zone),
    start: formatInstant(week.start),
    end: formatInstant(week.end),
    partial: week.isPartial,
    ...{ outcomes, attempts, failed, running },
    ...spent(week.sums),
    cost_per_outcome_usd: usdNumber(week.costPerOutcome),
    cost_per_outcome: usdText(week.costPerOutcome),
    cost_per_attempt: usdText(week.costPerAttempt),
  }
}

function comparisonAnswer({ weeks, outcomes, costPerOutcome: cost, change, levers }: Comparison, week: OutcomeWeek) {
  const isPositive = change !== null && cost !== null && cost > 0n
  return {
    status: change === null ? 'not_enough' : 'compared',
    reason: change === null ? reasonOf(weeks, outcomes, week) : null,
    weeks,
    outcomes,
    cost_per_outcome: usdText(cost),
    change: usdText(change),
    change_percent: isPositive ? rounded((100 * Number(change)) / Number(cost), 2) : null,
    levers: levers === null ? null : leversAnswer(levers),
  }
}

function leversAnswer(levers: NonNullable<Comparison['levers']>) {
  const [failure_share, calls_per_outcome, model_mix, input_per_call, output_per_call, cache_share, unit_price] = LEVERS.map((lever) =>
    usdOfPicos(levers[lever]),
  )
  const parts = { failure_share, calls_per_outcome, model_mix, input_per_call, output_per_call, cache_share, unit_price }
  return parts as { [Part in keyof typeof parts]: string }
}

function reasonOf(weeks: number, outcomes: number, week: OutcomeWeek): string {
  if (weeks === 0) return 'there is no full week before it in this time'
  if (week.outcomes < OUTCOMES_MIN) return `the week has ${week.outcomes} outcomes; fewer than ${OUTCOMES_MIN} are chance`
  if (outcomes < OUTCOMES_MIN) return `before it there are ${outcomes} outcomes; fewer than ${OUTCOMES_MIN} are chance`
  return 'no cost is known'
}
