import { fail, type Millis, ok, type Refusal, type Result } from '../../kernel/index.ts'
import {
  counterPoint,
  type Described,
  factsOfGrowth,
  type MetricPoint,
  textFact,
  usageOf,
  whoOf,
  withoutRepeated,
} from '../../usage/index.ts'
import { attributionOf } from './attribution.ts'
import { type CounterMemory, counterMemory, type Grown, seriesTag } from './counter-memory.ts'
import { draftOf } from './draft.ts'
import { keep } from './merge.ts'
import { type CallDraft, isPassing, reject, type Taken } from './records.ts'
import { organizationOf, type Receiver, type Request, resourceWho, timeOf } from './request.ts'
import { type Claims, claimsOf, METRIC_SOURCE, type Stretch } from './stretches.ts'
import { submitDrafts } from './submit.ts'
import { settleLater } from './told-again.ts'

/**
 * Counters of tokens are what is left of calls that nobody tells one by one. They become calls where no span or event of their service (and
 * session, where they name one) was told in the same time, and give way to those that are told later. They are never added to them.
 */
export interface FallbackCounters {
  take(request: Request, points: readonly MetricPoint[]): Promise<Result<Taken>>
  /** What counters stood for is set to zero where calls of a request tell it. */
  yieldTo(request: Request): Promise<Refusal | null>
}

export function fallbackCounters(receiver: Receiver): FallbackCounters {
  const memory = counterMemory(receiver.services)
  const claims = claimsOf(receiver.services)
  let last: Promise<unknown> = Promise.resolve()
  return {
    take(request, points) {
      // One after the other: what a counter has grown by depends on what it was.
      const work = last.then(() => takePoints(request, points, memory, claims))
      last = work.catch(() => undefined)
      return work
    },
    async yieldTo(request) {
      for (const draft of request.drafts) {
        for (const stretch of await claims.overlapping(draft)) {
          const { organization, id } = stretch
          const later = { kind: 'replaced', organization, existing: id, by: draft.call.id } as const
          const refused = await settleLater(receiver.services, request.caller, later)
          if (refused !== null && isPassing(refused)) return refused
          claims.forget(stretch)
        }
      }
      return null
    },
  }
}

async function takePoints(request: Request, points: readonly MetricPoint[], memory: CounterMemory, claims: Claims): Promise<Result<Taken>> {
  const grown: Grown[] = []
  for (const point of withoutRepeated(points)) {
    const counter = counterPoint(point)
    if (counter === null) continue
    if (counter === 'invalid') {
      reject(request.tally, 1, 'a counter of tokens is a number of at least 0, with a temporality')
      continue
    }
    const attributed = attributionOf(request.caller, [whoOf(point.facts, false), resourceWho(request, point.emitter)], null)
    const organization = organizationOf(request, attributed)
    if (!organization.ok) {
      reject(request.tally, 1, organization.error)
      continue
    }
    const growth = await memory.growthOf(organization.value, counter)
    if (growth !== null) grown.push(growth)
  }
  const stretches: Stretch[] = []
  for (const group of grouped(grown)) {
    const stretch = await draftGroup(request, group, claims)
    if (stretch !== null) stretches.push(stretch)
  }
  const refused = await submitDrafts(request, { starts: [], ends: [] })
  if (refused !== null) {
    memory.forget()
    return fail(refused)
  }
  for (const stretch of stretches) claims.add(stretch)
  return ok({ rejected: request.tally.rejected, reasons: [...request.tally.reasons] })
}

/** Counters that differ only in what they count and have grown in one stretch: input that includes its cache is split only beside it. */
function grouped(grown: readonly Grown[]): Grown[][] {
  const groups = new Map<string, Grown[]>()
  for (const each of grown) {
    const key = `${each.counter.group}:${each.from}:${each.to}`
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return [...groups.values()]
}

async function draftGroup(request: Request, group: readonly Grown[], claims: Claims): Promise<Stretch | null> {
  const [first] = group
  if (first === undefined) return null
  const { counter, from, to } = first
  const { emitter } = counter.point
  const facts = factsOfGrowth(group)
  const attributed = attributionOf(request.caller, [whoOf(facts, false), resourceWho(request, emitter)], null)
  const time = timeOf(request, Number(BigInt(to) / 1_000n))
  const organization = organizationOf(request, attributed)
  if (!time.ok || !organization.ok) {
    reject(request.tally, group.length, !time.ok ? time.error : !organization.ok ? organization.error : '')
    return null
  }
  const { at, given } = time.value
  const id = `otlp-${counter.group}-${from}-${to}`
  const stretch: Stretch = {
    id,
    organization: organization.value,
    service: textFact(emitter.resource, 'service'),
    session: attributed.session,
    from: millisOf(from),
    to: at,
  }
  if (await claims.isTold(stretch)) return null
  const described = withoutGaps(usageOf({ facts, dialect: counter.dialect, scope: emitter.scope, at, failed: false }))
  const place = { organization: organization.value, at, atGiven: given, latencyMs: null, attributed, run: null, parentCall: null }
  const draft: CallDraft = draftOf(request, described, { id, otherId: id }, { ...place, source: `${METRIC_SOURCE}${counter.dialect}` })
  draft.items = group.length
  draft.call = { ...draft.call, tags: { ...draft.call.tags, otlp_series: seriesTag(counter) } }
  keep(request, draft, null)
  return stretch
}

function millisOf(nanos: string): Millis {
  return Number(BigInt(nanos) / 1_000_000n)
}

/** A counter that did not grow is no counter that is missing. */
function withoutGaps(described: Described): Described {
  const { usage } = described
  const inferences = usage.inferences.map((inference) => ({
    ...inference,
    evidence: Object.fromEntries(Object.entries(inference.evidence).filter(([, how]) => how !== 'missing')),
  }))
  const summed = {
    code: 'inferences_summed',
    detail: 'the sum of what a counter has grown by; the calls themselves were not told',
  } as const
  return { ...described, usage: { ...usage, inferences, notes: [...usage.notes.filter(({ code }) => code !== 'no_usage'), summed] } }
}
