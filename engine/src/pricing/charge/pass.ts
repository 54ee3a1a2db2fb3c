import { assert, type Millis, type Picos } from '../../kernel/index.ts'
import type { Inference, Meter, Usage } from '../../usage/index.ts'
import type { FxTable } from '../fx.ts'
import type { ChargeLine } from '../records.ts'
import type { Facts } from '../select/condition.ts'
import type { MeterPlan, PlannedRate } from '../select/plan.ts'
import type { PlanCache, RoutedPlan } from '../select/plan-cache.ts'
import {
  billedQuantity,
  fxUse,
  lineAmount,
  NO_TOTALS,
  otherwisePriced,
  portionsOf,
  reaches,
  type Totals,
  totalsOf,
  wholeRate,
} from './line.ts'
import { addNote, doubt, emptyTally, type Reading, type Tally, unpriced } from './reading.ts'

/** What a pass reads beside the usage. */
export interface Ground {
  readonly plans: PlanCache
  readonly organization: string | null
  readonly knownAt: Millis
  readonly fx: FxTable
}

/** Prices every meter of every inference once, under one reading of the facts. */
export function pass(usage: Usage, ground: Ground, reading: Reading): Tally {
  const tally = emptyTally()
  const summed = usage.notes.length > 0 && usage.notes.some((note) => note.code === 'inferences_summed')
  const context = usage.context
  const facts: Facts = {
    tier: context.tier ?? 'standard',
    region: context.region ?? null,
    endpoint: context.endpoint ?? null,
    searchContext: context.searchContext ?? reading.searchContext,
  }
  for (let index = 0; index < usage.inferences.length; index++) {
    const inference = usage.inferences[index]
    assert(inference !== undefined, 'inference in range')
    if (inference.kind === 'refused' && !reading.refusedIsBilled) {
      doubt(tally, 'the refused attempt is billed', { refusedIsBilled: true }, null)
      continue
    }
    priceInference(usage, inference, index, facts, summed, ground, reading, tally)
  }
  if (reading.routerIsBilled) addRouterFee(usage, facts, ground, tally)
  return tally
}

function priceInference(
  usage: Usage,
  inference: Inference,
  index: number,
  facts: Facts,
  summed: boolean,
  ground: Ground,
  reading: Reading,
  tally: Tally,
): void {
  const model = inference.model !== '' ? inference.model : (usage.modelServed ?? usage.modelRequested ?? '')
  const routed = route(usage, model, facts, ground, reading, tally)
  const { plan } = routed
  const meters = inference.meters
  const totals = plan.hasBrackets ? totalsOf(meters) : NO_TOTALS
  for (const key in meters) {
    const meter = key as Meter
    const quantity = meters[meter]
    if (quantity === undefined || quantity === 0) continue
    assert(Number.isSafeInteger(quantity) && quantity > 0, 'a metered quantity is a whole number')
    const meterPlan = plan.meters.get(meter)
    if (meterPlan === undefined) {
      unpriced(tally, { inference: index, model, meter, quantity, reason: plan.hasCard ? 'no_rate' : 'no_card' })
      continue
    }
    const rate = meterPlan.soleRate ?? (meterPlan.simple && !summed ? wholeRate(meterPlan, totals) : null)
    if (rate !== null) {
      const amount = lineAmount(quantity, rate, null)
      tally.total += amount
      tally.lines.push(lineOf(index, model, meter, quantity, rate, amount))
      if (usage.at < rate.remarksBefore || !rate.isWhole) remark(rate, meter, amount, usage.at, tally)
    } else {
      priceMeter({ inference, index, model, meter, plan: meterPlan, routed, totals, summed, at: usage.at }, ground, reading, tally)
    }
  }
  judgeEvidence(inference, index, model, tally)
}

/** Finds the plan, and raises the doubts that lie in the model's name. */
function route(usage: Usage, model: string, facts: Facts, ground: Ground, reading: Reading, tally: Tally): RoutedPlan {
  const { organization, knownAt, plans } = ground
  const routed = plans.plan({ organization, seller: usage.seller, model, facts }, usage.at, knownAt)
  const { rule, doubt: nameDoubt, instead, listing } = routed.resolution
  if (rule === 'other_sellers_card' && listing !== null) {
    addNote(tally, { code: 'other_sellers_card', detail: `${model} at ${routed.resolution.seller} is priced by ${listing.seller}'s card` })
  }
  if (instead === null && nameDoubt === null) return routed
  const other = instead === null ? null : { organization, seller: instead.seller, model: instead.model, facts }
  const isPointer = nameDoubt !== null
  if (!isPointer && other !== null && facts.region !== null)
    return facts.region === 'global' ? plans.plan(other, usage.at, knownAt) : routed
  if (isPointer) {
    doubt(tally, instead?.when ?? nameDoubt, instead === null ? null : { otherListing: true }, { code: 'alias_moved', detail: nameDoubt })
  } else if (instead !== null) {
    doubt(
      tally,
      instead.when,
      { otherListing: true },
      { code: 'region_assumed', detail: `${model} does not say its region scope; regional is assumed` },
    )
  }
  return reading.otherListing && other !== null ? plans.plan(other, usage.at, knownAt) : routed
}

interface MeterJob {
  readonly inference: Inference
  readonly index: number
  readonly model: string
  readonly meter: Meter
  readonly plan: MeterPlan
  readonly routed: RoutedPlan
  readonly totals: Totals
  readonly summed: boolean
  readonly at: Millis
}

function priceMeter(job: MeterJob, ground: Ground, reading: Reading, tally: Tally): void {
  const { meter, index, model } = job
  const plan = writesPlan(job, reading, tally)
  raiseMeterDoubts(meter, plan, tally)
  if (meter === 'input.tool' && plan.standIn !== null && reading.toolPromptIsFree) return
  let totals = job.totals
  if (job.summed && plan.steps.some((step) => reaches(step.bracket, totals))) {
    doubt(
      tally,
      'one inference alone reached the bracket',
      { bracketByTotal: true },
      {
        code: 'bracket_by_total',
        detail: 'only the total of several inferences is known, and only the total reaches the bracket',
      },
    )
    // The lowest bracket is what each of many small inferences would fall into.
    if (!reading.bracketByTotal && plan.base !== null) totals = NO_TOTALS
  }
  for (const portion of portionsOf(plan, meter, job.inference.meters, totals)) {
    addPortion(job, portion.rate, portion.quantity, ground, reading, tally)
  }
  if (plan.base === null && !plan.steps.some((step) => reaches(step.bracket, totals))) {
    unpriced(tally, { inference: index, model, meter, quantity: job.inference.meters[meter] ?? null, reason: 'no_rate' })
  }
}

function addPortion(job: MeterJob, stated: PlannedRate, quantity: number, ground: Ground, reading: Reading, tally: Tally): void {
  const { meter, index, model } = job
  let rate: PlannedRate | null = stated
  if (stated.caveat !== null) {
    const { detail, assume } = stated.caveat
    const other = stated.caveat.alternative === 'unknown' ? null : { caveat: detail }
    doubt(tally, assume === 'free' ? `billed: ${detail}` : `otherwise: ${detail}`, other, { code: 'fee_may_apply', detail })
    const flipped = reading.caveat === detail
    if (flipped && assume === 'billed') rate = otherwisePriced(stated, stated.caveat)
    if (!flipped && assume === 'free') rate = null
  }
  if (rate === null) return
  const billed = billedQuantity(quantity, rate.quantize)
  const fx = rate.currency === 'USD' ? null : fxUse(ground.fx, rate.currency, job.at)
  if (rate.currency !== 'USD' && fx === null) {
    addNote(tally, { code: 'fx_missing', detail: `no ${rate.currency} rate on or before the day of the usage` })
    unpriced(tally, { inference: index, model, meter, quantity, reason: 'no_rate' })
    return
  }
  if (fx !== null) tally.fx = fx
  const amount = lineAmount(billed, rate, fx)
  tally.total += amount
  tally.lines.push(lineOf(index, model, meter, billed, rate, amount))
  remark(rate, meter, amount, job.at, tally)
}

/** Says of a line what its rate leaves open; a price above zero never becomes a zero that looks like a free one. */
function remark(rate: PlannedRate, meter: Meter, amount: Picos, at: Millis, tally: Tally): void {
  for (const { before, isStandIn, note } of rate.remarks) {
    if (at >= before) continue
    addNote(tally, note)
    if (isStandIn) tally.estimated = true
  }
  if (amount === 0n && rate.numerator > 0n) {
    const detail = `${meter} at ${rate.price} ${rate.currency} per ${rate.per} comes to less than half of 1e-12 USD and was rounded to 0`
    addNote(tally, { code: 'amount_rounded', detail })
  }
}

/** Cache writes whose lifetime is unknown: where a seller has a price per lifetime, the five-minute one is assumed and the other one shown. */
function writesPlan(job: MeterJob, reading: Reading, tally: Tally): MeterPlan {
  const hour = job.routed.plan.meters.get('input.cache_write_1h')
  if (job.meter !== 'input.cache_write' || job.plan.standIn !== 'input.cache_write_5m') return job.plan
  const detail = 'the lifetime of a cache write is not known; five minutes is assumed'
  doubt(tally, 'the cache write lasts an hour', hour === undefined ? null : { writesLastAnHour: true }, {
    code: 'cache_ttl_assumed',
    detail,
  })
  return reading.writesLastAnHour && hour !== undefined ? hour : job.plan
}

function raiseMeterDoubts(meter: Meter, plan: MeterPlan, tally: Tally): void {
  if (plan.tierMissing) {
    tally.estimated = true
    addNote(tally, { code: 'tier_rate_missing', detail: `${meter} has no rate for the service tier; the standard rate is used` })
  }
  if (meter === 'input.tool' && plan.standIn !== null) {
    const detail =
      'the seller does not say whether tokens that its own tools fed to the model are billed as input; they are taken as billed'
    doubt(tally, 'tool prompt tokens are free', { toolPromptIsFree: true }, { code: 'fee_may_apply', detail })
  }
  if (plan.overlapping)
    doubt(tally, 'another rate of the card holds', null, {
      code: 'overlapping_rates',
      detail: `several rates for ${meter} are equally specific`,
    })
  if (plan.searchAssumed) {
    const note = { code: 'search_context_assumed', detail: 'the search context size is only in the request; low is assumed' } as const
    doubt(tally, 'the search context is medium', { searchContext: 'medium' }, note)
    doubt(tally, 'the search context is high', { searchContext: 'high' }, note)
  }
}

function judgeEvidence(inference: Inference, index: number, model: string, tally: Tally): void {
  // Held in a constant: a member that is read anew for each key is looked up each time, and this runs for every meter of every call.
  const evidence = inference.evidence
  for (const key in evidence) {
    const known = evidence[key as Meter]
    if (known === 'reported' || known === 'derived') continue
    const meter = key as Meter
    if (known === 'missing') unpriced(tally, { inference: index, model, meter, quantity: null, reason: 'quantity_missing' })
    else if ((inference.meters[meter] ?? 0) > 0) tally.estimated = true
  }
}

/** Azure's model router has its own fee on the input it reads, on top of the model it picks. */
function addRouterFee(usage: Usage, facts: Facts, ground: Ground, tally: Tally): void {
  const { organization, knownAt, plans } = ground
  const router = plans.plan({ organization, seller: usage.seller, model: 'model-router', facts }, usage.at, knownAt)
  const rate = router.plan.meters.get('input')?.base
  if (rate === undefined || rate === null) return
  for (const [index, inference] of usage.inferences.entries()) {
    const { input } = totalsOf(inference.meters)
    if (input === 0) continue
    const amount = lineAmount(input, rate, null)
    tally.total += amount
    tally.lines.push(lineOf(index, 'model-router', 'input', input, rate, amount))
  }
}

function lineOf(inference: number, model: string, meter: Meter, quantity: number, rate: PlannedRate, amount: Picos): ChargeLine {
  return {
    inference,
    model,
    meter,
    quantity,
    price: rate.price,
    per: rate.per,
    currency: rate.currency,
    modifiers: rate.modifiers,
    cardId: rate.cardId,
    rate: rate.rate,
    amount,
  }
}
