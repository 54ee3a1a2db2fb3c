import type { AggregateRow, CallStore, Dimension } from '../../calls/index.ts'
import { divideHalfEven, type Millis, type Picos, picos } from '../../kernel/index.ts'
import type { Charge } from '../../pricing/index.ts'
import type { Meter, Usage } from '../../usage/index.ts'
import { usageOfRow } from '../opportunities/token-repricer.ts'
import type { Change, UsageChange } from './change.ts'
import { cacheWritesAsInput, changedUsage } from './changed-usage.ts'
import { type Again, type PriceUsageAs, type Way, withPercent } from './priced-again.ts'
import { type Outcome, type Tallied, WhatIfTally } from './tally.ts'
import type { WhatIfQuestion } from './what-if.ts'

/** Changes that depend on the single call, so that sums cannot tell. */
export const BY_CALL_ONLY: readonly Change['kind'][] = ['dedupe', 'retries', 'cache_repeats', 'output_cap']

export interface SumsMeans {
  readonly store: CallStore
  readonly price: PriceUsageAs
  /** Whether a card charges a meter otherwise above some number of tokens: then a sum does not tell what its calls would have cost. */
  readonly hasBrackets: (cardId: string, meter: Meter, rates: readonly number[]) => boolean
}

/**
 * The same from sums: by organization, seller, model, status and day, and whatever the changes ask for. Where a price is so much a token, the price of a sum is the sum
 * of the prices. That it is so is checked: only a group whose posted cost is its tokens at the rates of its model, to the pico, is priced again. So fees of tools,
 * service tiers, cache writes for an hour and prices that changed within a day leave a group unsaid.
 */
export async function whatIfBySums(question: WhatIfQuestion, means: SumsMeans): Promise<Tallied> {
  const { changes, zone, scope, from, to, where, atLeast } = question
  const asked = changes.flatMap((change) => change.where.map(({ dimension }) => dimension))
  const groupBy = [...new Set<Dimension>([...GROUPED, ...asked])]
  const groups = await means.store.aggregate({
    ...{ scope, atLeast, groupBy, bucket: { period: 'day', zone } },
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(where === undefined ? {} : { where }),
  })
  const tally = new WhatIfTally(zone)
  for (const group of groups) tally.add(outcomeOf(groupOf(group, groupBy, from), question, means))
  return tally.result()
}

const GROUPED = ['organization', 'seller', 'model', 'status'] as const satisfies readonly Dimension[]

interface Group extends AggregateRow {
  readonly at: Millis
  readonly said: ReadonlyMap<Dimension, string | null>
}

function groupOf(row: AggregateRow, groupBy: readonly Dimension[], from: Millis | undefined): Group {
  const said = new Map(groupBy.map((dimension, index) => [dimension, row.keys[index] ?? null]))
  return { ...row, said, at: Math.max(row.bucketStart ?? 0, from ?? Number.NEGATIVE_INFINITY) }
}

function outcomeOf(group: Group, question: WhatIfQuestion, means: SumsMeans): Outcome {
  const { said, at, calls } = group
  const model = said.get('model') ?? null
  const seller = said.get('seller') ?? null
  const posted = group.unpriced > 0 && group.unpriced >= calls && group.cost === 0n ? null : group.cost
  const about = { calls, model, at, callIds: [], posted }
  const concerned = question.changes.flatMap((change, index) => (passes(said, change) ? [{ change, index }] : []))
  if (concerned.some(({ change }) => change.kind === 'drop')) {
    return { ...about, cost: picos(0n), reason: null, affected: true, comparable: true, ways: [] }
  }
  const own = usageOfGroup(group, model)
  const rates = concerned.flatMap(({ change, index }) => (change.kind === 'rates' ? [index] : []))
  const changed =
    own === null ? null : concerned.reduce((usage, { change }) => (isLinear(change) ? changedUsage(usage, change, null) : usage), own)
  const isAsked = own === null ? concerned.some(({ change }) => isLinear(change)) || rates.length > 0 : changed !== own || rates.length > 0
  const isNow = question.pricesAt === 'now'
  if (!isAsked && !isNow) return plainly(about, posted, concerned, { model, seller })
  if (posted === null) return unsaid(about, 'unpriced')
  if (own === null || changed === null) return unsaid(about, 'unexplained')
  const again = pricedFromSums(
    { own, changed: isNow ? { ...changed, at: question.now } : changed, rates, posted, organization: said.get('organization') ?? '' },
    question.now,
    means,
  )
  if (again.cost === null) return unsaid(about, said.get('status') === 'attested' ? 'attested' : again.reason)
  const cost = withPercent(
    again.cost,
    concerned.map(({ change }) => change),
    { model: changed.modelServed, seller: changed.seller },
  )
  const inexact = concerned.some(({ change }) => change.kind === 'read_share') ? (['estimated'] as const) : []
  return { ...about, cost, reason: null, affected: cost !== posted, comparable: true, ways: [...new Set<Way>([...again.ways, ...inexact])] }
}

type About = Pick<Outcome, 'calls' | 'model' | 'at' | 'callIds' | 'posted'>

function plainly(
  about: About,
  posted: Picos | null,
  concerned: readonly { readonly change: Change }[],
  sold: { model: string | null; seller: string | null },
): Outcome {
  const cost =
    posted === null
      ? null
      : withPercent(
          posted,
          concerned.map(({ change }) => change),
          sold,
        )
  const affected = cost !== posted
  return { ...about, cost, reason: null, affected, comparable: affected, ways: [] }
}

function unsaid(about: About, reason: NonNullable<Outcome['reason']>): Outcome {
  return { ...about, cost: null, reason, affected: true, comparable: false, ways: [] }
}

function passes(said: ReadonlyMap<Dimension, string | null>, { where }: Change): boolean {
  return where.every((filter) => filter.in.includes(said.get(filter.dimension) ?? null))
}

function isLinear(change: Change): change is UsageChange & Pick<Change, 'where'> {
  return change.kind === 'swap_model' || change.kind === 'tier' || change.kind === 'read_share'
}

function usageOfGroup(group: Group, model: string | null): Usage | null {
  if (model === null || group.unmetered > 0) return null
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens, cost, at, said } = group
  const row = {
    seq: 0,
    organization: '',
    callId: '',
    runId: null,
    agent: null,
    sessionId: null,
    action: null,
    success: true,
    usageEvidence: 'reported',
    fingerprint: null,
    tier: null,
  } as const
  return usageOfRow(
    {
      ...row,
      at,
      model,
      cost,
      seller: said.get('seller') ?? null,
      inputTokens,
      cacheReadTokens,
      cacheWriteTokens,
      outputTokens,
      reasoningTokens,
    },
    model,
  )
}

interface SummedUsage {
  readonly own: Usage
  readonly changed: Usage
  readonly rates: readonly number[]
  readonly posted: Picos
  readonly organization: string
}

function pricedFromSums({ own, changed, rates, posted, organization }: SummedUsage, now: Millis, means: SumsMeans): Again {
  const before = linearCost(own, [], organization, now, means)
  if (before.cost !== posted) return { cost: null, reason: 'unexplained', ways: [] }
  const after = linearCost(changed, rates, organization, now, means)
  if (after.cost !== null || after.reason !== 'no_rate') return after
  const plain = cacheWritesAsInput(changed)
  if (plain === null) return after
  const again = linearCost(plain, rates, organization, now, means)
  return again.cost === null ? again : { ...again, ways: [...again.ways, 'writes_as_input'] }
}

/** Few enough tokens to stay below every bracket, and enough that each price a million is a whole number of picos. */
const PROBE_TOKENS = 1_000

function linearCost(usage: Usage, rates: readonly number[], organization: string, now: Millis, { price, hasBrackets }: SumsMeans): Again {
  let cost = 0n
  const ways = new Set<Way>()
  for (const inference of usage.inferences) {
    for (const [name, quantity] of Object.entries(inference.meters)) {
      const meter = name as Meter
      const probe = { ...usage, inferences: [{ ...inference, meters: { [meter]: PROBE_TOKENS }, evidence: {} }] }
      const charge: Charge = price(probe, organization, now, rates)
      const { amount, status } = charge
      if (amount === null || status === 'partial' || status === 'unpriced') return { cost: null, reason: 'no_rate', ways: [] }
      if (charge.notes.some(({ code }) => code === 'tier_rate_missing')) return { cost: null, reason: 'no_tier_rate', ways: [] }
      if (status !== 'exact') ways.add('estimated')
      if (charge.lines.some(({ cardId }) => hasBrackets(cardId, meter, rates))) ways.add('brackets')
      cost += divideHalfEven(amount * BigInt(quantity), BigInt(PROBE_TOKENS))
    }
  }
  return { cost: picos(cost), ways: [...ways] }
}
