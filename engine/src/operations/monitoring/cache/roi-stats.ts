import { type RoiAnswer, roiStats } from '@purser/contract'
import type { OrganizationScope } from '../../../calls/index.ts'
import { addEffects, NO_EFFECT } from '../../../insights/index.ts'
import { ALL_TIME, formatInstant, type Millis, ok, type Result } from '../../../kernel/index.ts'
import { answering } from '../../analytics/faults.ts'
import type { Services } from '../../context.ts'
import { implement } from '../../operation.ts'
import { trailingDays } from '../trailing.ts'
import { TOO_MANY } from './cache-impact.ts'
import { effectAnswer, unknownIn } from './effect-answer.ts'
import { EXAMINED_CALLS_MAX, examine, readableFrom } from './examine.ts'

/** What caches have saved and embeddings have cost: since the start, over some days, or over all time. */
export const roiStatsOperation = implement(roiStats, async (context, input): Promise<Result<RoiAnswer>> => {
  const trailing = trailingDays(context, input)
  if (!trailing.ok) return trailing
  const { services } = context
  const { query, zone } = trailing.value
  const period = input.period ?? (input.days === undefined ? 'start' : 'days')
  const until = formatInstant(services.now())
  if (period === 'start') {
    const effect = services.meters.cacheEffect('organization' in query.scope ? query.scope.organization : null)
    const unknown = effect === null ? 'there are more organizations than are counted apart since the start' : unknownIn(effect)
    return ok({ period, since: formatInstant(services.about.startedAt), until, ...effectAnswer(effect), unknown })
  }
  return answering(async () => {
    const span = period === 'days' ? { from: query.from, to: query.to } : { from: ALL_TIME.start, to: ALL_TIME.end }
    const readable =
      period === 'days'
        ? await areReadableDays(services, { ...span, zone, atLeast: query.atLeast })
        : await isAllReadable(services, query.atLeast)
    const effect = readable ? await examined(services, query.scope, span) : null
    const since = period === 'days' ? formatInstant(query.from) : null
    return ok({ period, since, until, ...effectAnswer(effect), unknown: effect === null ? TOO_MANY : unknownIn(effect) })
  })
})

async function examined(services: Services, scope: OrganizationScope, span: { from: Millis; to: Millis }) {
  const sums = await examine(services, { scope, ...span, bucketOf: () => 0, buckets: 1 })
  return sums.reduce(addEffects, NO_EFFECT)
}

async function areReadableDays({ calls }: Services, asked: Parameters<typeof readableFrom>[1]): Promise<boolean> {
  return (await readableFrom(calls, asked)) <= asked.from
}

async function isAllReadable({ calls }: Services, atLeast: number): Promise<boolean> {
  const groups = await calls.aggregate({ scope: { allOrganizations: true }, groupBy: [], atLeast })
  return groups.reduce((sum, group) => sum + group.calls, 0) <= EXAMINED_CALLS_MAX
}
