import type { CallStore, OrganizationScope } from '../../../calls/index.ts'
import { addEffects, type CacheEffect, cacheEffectOf, dailySpend, NO_EFFECT, type PriceAgain } from '../../../insights/index.ts'
import { type Millis, picos } from '../../../kernel/index.ts'
import type { JournalEntry } from '../../../ledger/index.ts'
import type { Services } from '../../context.ts'

/**
 * Calls of the installation that are read for one answer. Reading one and pricing it again takes some 20 microseconds, so this keeps an answer within two seconds. Where
 * there are more, the latest days are read and the others are said to be unknown.
 */
export const EXAMINED_CALLS_MAX = 100_000

export interface Examination {
  readonly scope: OrganizationScope
  readonly from: Millis
  readonly to: Millis
  readonly model?: string
  readonly agent?: string
  /** To which sum a call of a time belongs. */
  readonly bucketOf: (at: Millis) => number
  readonly buckets: number
}

/** What calls of a stretch of time add up to, from the journal, which has the usage and the charge of each whole. */
export async function examine(services: Services, asked: Examination): Promise<CacheEffect[]> {
  const sums: CacheEffect[] = Array.from({ length: asked.buckets }, () => NO_EFFECT)
  const range = { from: asked.from, to: asked.to }
  const head = services.committer.head()
  for (let after = 0; after < head; ) {
    const { entries, adjustments, throughSeq } = await services.ledger.readCalls(range, after)
    const corrections = groupedByCall(adjustments)
    for (const entry of entries) {
      const effect = effectOf(services, asked, entry, corrections.get(entry.seq) ?? [])
      if (effect === null) continue
      const index = asked.bucketOf(effect.at)
      sums[index] = addEffects(sums[index] ?? NO_EFFECT, effect.effect)
    }
    after = throughSeq
    await othersGoOn()
  }
  return sums
}

/** By the rates that a charge was made by. */
export function priceAgain({ rates }: Pick<Services, 'rates'>): PriceAgain {
  return (usage, organization, knownAt) => rates.price(usage, organization, knownAt)
}

/** A store may answer without ever giving way; commits and requests come between two pieces. */
function othersGoOn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function groupedByCall(adjustments: readonly { readonly callSeq: number; readonly entry: JournalEntry }[]): Map<number, JournalEntry[]> {
  const groups = new Map<number, JournalEntry[]>()
  for (const { callSeq, entry } of adjustments) {
    const group = groups.get(callSeq)
    if (group === undefined) groups.set(callSeq, [entry])
    else group.push(entry)
  }
  return groups
}

function effectOf(
  services: Services,
  { scope, from, to, model, agent }: Examination,
  { organization, event }: JournalEntry,
  adjustments: readonly JournalEntry[],
): { at: Millis; effect: CacheEffect } | null {
  if (event.kind !== 'call' || ('organization' in scope && scope.organization !== organization)) return null
  const { call } = event
  if (call.at < from || call.at >= to) return null
  if (agent !== undefined && call.agent !== agent) return null
  if (model !== undefined && (call.usage.modelServed ?? call.usage.modelRequested) !== model) return null
  let { charge } = call
  let amount: bigint = charge.amount ?? 0n
  for (const { event: correction } of adjustments) {
    if (correction.kind !== 'adjustment') continue
    charge = correction.adjustment.charge
    amount += correction.adjustment.delta
  }
  const posted = { organization, call, charge, amount: charge.amount === null ? null : picos(amount) }
  const effect = cacheEffectOf(posted, priceAgain(services))
  return effect === null ? null : { at: call.at, effect }
}

/** From which local day on the calls of all organizations are few enough to be read; `to` where those of the last day are too many. */
export async function readableFrom(
  store: CallStore,
  asked: { readonly from: Millis; readonly to: Millis; readonly zone: string; readonly atLeast: number },
  callsMax: number = EXAMINED_CALLS_MAX,
): Promise<Millis> {
  const days = await dailySpend(store, { scope: { allOrganizations: true }, ...asked })
  let calls = 0
  let from = asked.to
  for (const day of days.reverse()) {
    calls += day.calls
    if (calls > callsMax) return from
    from = Math.max(day.start, asked.from)
  }
  return asked.from
}
