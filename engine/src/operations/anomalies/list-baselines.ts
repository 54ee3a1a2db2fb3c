import { type LearnedBaselinesAnswer, listLearnedBaselines } from '@purser/contract'
import type { OrganizationScope } from '../../calls/index.ts'
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

/** What an agent usually spends in an hour, in US dollars, an estimate; null: nothing is learned of it. */
export type LearnedUsdPerHour = (organization: string, agent: string) => number | null

/** What was learned lately, by whom it was asked for. Histories change little within an hour, and all of it can be learned again. */
const learnedLately = new WeakMap<Services['calls'], Map<string, Promise<LearnedUsdPerHour>>>()

/**
 * What agents usually spend at this time: in this hour of the week (of UTC), and not less than on average over the week, so that nobody is accused for an hour in which
 * next to nothing is usual. Learned once an hour. For who needs a baseline where nobody has set one.
 */
export function learnedUsdPerHour(
  services: Pick<Services, 'calls' | 'committer' | 'now'>,
  scope: OrganizationScope,
): Promise<LearnedUsdPerHour> {
  const hour = Math.floor(services.now() / HOUR_MS)
  const lately = learnedLately.get(services.calls) ?? new Map<string, Promise<LearnedUsdPerHour>>()
  learnedLately.set(services.calls, lately)
  const key = JSON.stringify([hour, scope])
  const known = lately.get(key) ?? learn(services, scope)
  for (const old of lately.keys()) if (!old.startsWith(`[${hour},`)) lately.delete(old)
  lately.set(key, known)
  // What could not be learned is asked for again.
  known.catch(() => lately.delete(key))
  return known
}

async function learn(
  { calls, committer, now }: Pick<Services, 'calls' | 'committer' | 'now'>,
  scope: OrganizationScope,
): Promise<LearnedUsdPerHour> {
  const question = { scope, atLeast: committer.head(), groupBy: 'agent', zone: 'UTC', now: now(), subjectsMax: BASELINES, breathe } as const
  const { baselines } = await learnedBaselines(calls, question)
  const usual = new Map(baselines.map(({ subject, now: hour, usdPerHour }) => [keyOf(subject), Math.max(hour.value, usdPerHour)] as const))
  return (organization, agent) => usual.get(keyOf({ organization, value: agent })) ?? null
}

function keyOf({ organization, value }: { readonly organization: string; readonly value: string | null }): string {
  return JSON.stringify([organization, value])
}
