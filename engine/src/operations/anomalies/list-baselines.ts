import { type LearnedBaselinesAnswer, listLearnedBaselines } from '@purser/contract'
import { type LearnedBaselines, learnedBaselines } from '../../insights/index.ts'
import { formatInstant, ok, type Result } from '../../kernel/index.ts'
import { answering } from '../analytics/faults.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'
import { rounded } from '../wire/measures-answer.ts'
import { unknownAnswer } from './anomaly-answer.ts'
import { anomalyQuestion, breathe } from './find-anomalies.ts'

const BASELINES = 100
const HOUR_MS = 3_600_000
const DECIMALS = 6

/** What is normal, for everyone who spends. */
export const listBaselinesOperation = implement(listLearnedBaselines, async (context, input): Promise<Result<LearnedBaselinesAnswer>> => {
  const { limit = BASELINES, ...asked } = input
  const question = anomalyQuestion(context, asked)
  if (!question.ok) return question
  const { zone, now } = question.value
  return answering(async () => {
    const learned = await learnedBaselines(context.services.calls, { ...question.value, subjectsMax: limit })
    return ok({
      baselines: learned.baselines.map(baselineAnswer),
      insufficient_history: learned.insufficient.map(unknownAnswer),
      truncated: learned.truncated,
      ...{ group_by: input.group_by ?? 'agent', zone, as_of: formatInstant(now) },
    })
  })
})

function baselineAnswer({
  subject,
  now,
  usdPerHour,
  busiest,
  historyMs,
}: LearnedBaselines['baselines'][number]): LearnedBaselinesAnswer['baselines'][number] {
  return {
    organization_id: subject.organization,
    value: subject.value,
    usd_per_hour: rounded(usdPerHour, DECIMALS) ?? 0,
    usd_this_hour: rounded(now.value, DECIMALS) ?? 0,
    hour_of_week: now.hourOfWeek,
    basis: now.basis,
    weeks: now.weeks,
    busiest_usd_per_hour: rounded(busiest.usdPerHour, DECIMALS) ?? 0,
    busiest_hour_of_week: busiest.hourOfWeek,
    history_hours: rounded(historyMs / HOUR_MS, 1) ?? 0,
  }
}

/**
 * What the agents of an organization usually spend at this time, by name, in US dollars: in this hour of the week (of UTC), and not less than on average over the
 * week, so that nobody is accused for an hour in which next to nothing is usual. An agent with too little history is not there. For who needs a baseline
 * where nobody has set one.
 */
export async function learnedUsdPerHour(
  { calls, committer, now }: Pick<Services, 'calls' | 'committer' | 'now'>,
  organization: string,
): Promise<ReadonlyMap<string, number>> {
  const scope = { organization }
  const question = { scope, atLeast: committer.head(), groupBy: 'agent', zone: 'UTC', now: now(), subjectsMax: BASELINES, breathe } as const
  const { baselines } = await learnedBaselines(calls, question)
  return new Map(
    baselines.flatMap(({ subject, now: hour, usdPerHour }) =>
      subject.value === null ? [] : [[subject.value, Math.max(hour.value, usdPerHour)] as const],
    ),
  )
}
