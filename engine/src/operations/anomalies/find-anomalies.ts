import { type AnomaliesAnswer, findAnomalies as findAnomaliesEndpoint } from '@purser/contract'
import { type Anomalies, type Anomaly, type AnomalyQuestion, explainAnomaly, findAnomalies, SEVERITIES } from '../../insights/index.ts'
import { fail, formatInstant, ok, type Result, refusal } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import type { Context } from '../context.ts'
import { implement } from '../operation.ts'
import { dimensionOf, questionOf } from '../wire/question.ts'
import { anomalyAnswer, unknownAnswer } from './anomaly-answer.ts'
import { ratesAt } from './token-rates.ts'

/** Findings, when the question gives no limit; each is explained by questions of its own. */
const FINDINGS = 25
export const SUBJECTS_MAX = 200
const DAY_MS = 86_400_000
/** Hours are kept for ever, but nobody reads more findings than these. */
const PERIOD_DAYS_MAX = 92

/** Spend that its own history does not explain, with causes. */
export const findAnomaliesOperation = implement(findAnomaliesEndpoint, async (context, input): Promise<Result<AnomaliesAnswer>> => {
  const question = anomalyQuestion(context, input)
  if (!question.ok) return question
  const { calls } = context.services
  return answering(async () => {
    const found = await findAnomalies(calls, question.value)
    const least = SEVERITIES.indexOf(input.severity_min ?? 'low')
    const asked = found.anomalies.filter(({ severity }) => SEVERITIES.indexOf(severity) >= least)
    const shown = asked.slice(0, input.limit ?? FINDINGS)
    const explained = await explainedAnswers(context, question.value, shown)
    return ok({ anomalies: explained, total: asked.length, ...standing(found, question.value, input.group_by ?? 'agent') })
  })
})

type Asked = Parameters<typeof questionOf>[1] & { readonly group_by?: string; readonly direction?: AnomalyQuestion['direction'] }

/** What the fields of a question mean; without a period it is about what goes on now. */
export function anomalyQuestion(context: Context, input: Asked): Result<AnomalyQuestion> {
  const { group_by, direction = 'up', period, from, to, ...filters } = input
  const groupBy = dimensionOf(group_by ?? 'agent')
  if (!groupBy.ok) return groupBy
  if (to !== undefined && from === undefined && period === undefined) {
    return fail(refusal('invalid_period', 'say from when on, or a period', { path: '/from' }))
  }
  const time = { ...(period === undefined ? {} : { period }), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  const { organization_id, zone, agent, model, user, team, project, cost_center, workflow } = filters
  const said = { organization_id, zone, agent, model, user, team, project, cost_center, workflow }
  const known = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
  const question = questionOf(context, { ...known, ...time })
  if (!question.ok) return question
  const { query } = question.value
  const now = context.services.now()
  const base = { ...query, zone: question.value.zone, groupBy: groupBy.value, now, direction, subjectsMax: SUBJECTS_MAX, breathe }
  if (query.from === undefined && query.to === undefined && period === undefined) return ok({ ...base, period: null })
  const end = Math.min(query.to ?? now, now)
  if (query.from === undefined || end - query.from > PERIOD_DAYS_MAX * DAY_MS) {
    return fail(
      refusal('invalid_period', `anomalies are looked for in at most ${PERIOD_DAYS_MAX} days`, {
        path: period === undefined ? '/from' : '/period',
      }),
    )
  }
  if (query.from >= end) return fail(refusal('invalid_period', 'the period has not begun', { path: '/from' }))
  return ok({ ...base, period: { from: query.from, to: end } })
}

/** Requests that wait are answered between one subject and the next. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function explainedAnswers(
  context: Context,
  question: AnomalyQuestion,
  anomalies: readonly Anomaly[],
): Promise<AnomaliesAnswer['anomalies']> {
  const { calls } = context.services
  const now = Math.min(question.period?.to ?? question.now, question.now)
  const explain = { ...question, now, ratesAt: ratesAt(context.services) }
  const answers: AnomaliesAnswer['anomalies'] = []
  for (const anomaly of anomalies) {
    answers.push(anomalyAnswer(anomaly, await explainAnomaly(calls, anomaly, explain), question.groupBy))
  }
  return answers
}

function standing(found: Anomalies, { period, zone, now }: AnomalyQuestion, groupBy: string): Omit<AnomaliesAnswer, 'anomalies' | 'total'> {
  return {
    examined: found.examined.length,
    truncated: found.truncated,
    insufficient_history: found.insufficient.map(unknownAnswer),
    period: period === null ? null : { from: formatInstant(period.from), to: formatInstant(period.to) },
    ...{ group_by: groupBy, zone, as_of: formatInstant(now) },
  }
}
