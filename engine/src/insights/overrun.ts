import { type Millis, type Picos, picos } from '../kernel/index.ts'
import type { Settled } from '../ledger/index.ts'
import { INPUT_METERS, type Inference, type Meter, type Meters, OUTPUT_METERS, type Usage, usageTotal } from '../usage/index.ts'

/** Why a call cost more than was held for it. */
export type OverrunCause =
  /** No price was known when money was held: nothing was, or only what the dearest rate came to. */
  | 'price_was_unknown'
  /** The rates for what it used were lower when money was held. */
  | 'price_changed'
  /** Another model or seller served it. */
  | 'other_model'
  | 'other_tier'
  | 'other_region'
  /** Meters that no plan of tokens has: tool fees, seconds of audio, images, or tokens that are not text. */
  | 'unplanned_meter'
  | 'more_output'
  | 'more_input'
  /** The cost was stated by somebody and not computed from what was used. */
  | 'stated_cost'
  /** What is left: how it was split over several inferences, for one. */
  | 'not_foreseen'

export interface CausePart {
  readonly cause: OverrunCause
  /** What the call would have cost less with this one as it was planned, the ones before it in the list of causes too. */
  readonly amount: Picos
  readonly detail: string
}

/** A cost above its hold. */
export interface Overrun {
  readonly held: Picos
  readonly amount: Picos
  /** The largest first; empty where an earlier program did not write down what was planned. */
  readonly parts: readonly CausePart[]
}

/** What a usage costs by the rates known at a time; null when it cannot be priced. */
export type PriceAsKnown = (usage: Usage, knownAt: Millis) => Picos | null

/**
 * A variance analysis: the usage is led back to the plan step by step, and each step that makes it cheaper is a cause, with what it made.
 * Parts may come to more than the overrun, because something else cost less than planned. Null when the cost was within the hold.
 */
export function overrunOf(
  settled: Settled,
  usage: Usage,
  charge: { readonly amount: Picos | null; readonly knownAt: Millis },
  price: PriceAsKnown,
): Overrun | null {
  const held = settled.amount ?? settled.plan?.fallback ?? picos(0n)
  const cost = charge.amount
  if (cost === null || cost <= held) return null
  const amount = picos(cost - held)
  if (settled.amount === null) {
    const detail = settled.plan?.fallback == null ? 'nothing could be held' : 'the dearest rate stood in for it'
    return { held, amount, parts: [{ cause: 'price_was_unknown', amount, detail: `no price was known when money was held; ${detail}` }] }
  }
  if (settled.plan === null) return { held, amount, parts: [] }
  const parts: CausePart[] = []
  let now = { usage, knownAt: charge.knownAt, cost }
  for (const { cause, planned } of STEPS) {
    const step = planned(now.usage, { ...settled.plan, at: settled.at })
    if (step === null) continue
    const knownAt = cause === 'price_changed' ? settled.at : now.knownAt
    const cheaper = price(step.usage, knownAt)
    if (cheaper === null) continue
    if (cheaper < now.cost) parts.push({ cause, amount: picos(now.cost - cheaper), detail: step.detail })
    now = { usage: step.usage, knownAt, cost: cheaper }
  }
  if (now.cost > held) parts.push({ ...restOf(usage), amount: picos(now.cost - held) })
  return { held, amount, parts: parts.sort((a, b) => (a.amount === b.amount ? 0 : a.amount > b.amount ? -1 : 1)) }
}

function restOf({ attested }: Usage): Pick<CausePart, 'cause' | 'detail'> {
  if (attested !== undefined)
    return { cause: 'stated_cost', detail: `the cost is stated by ${attested.by}, not computed from what was used` }
  return { cause: 'not_foreseen', detail: 'none of what was planned explains it' }
}

type Plan = NonNullable<Settled['plan']> & Pick<Settled, 'at'>

interface Step {
  readonly cause: OverrunCause
  /** The usage with one thing as it was planned; null when that is no other. */
  readonly planned: (usage: Usage, plan: Plan) => { readonly usage: Usage; readonly detail: string } | null
}

const STEPS: readonly Step[] = [
  { cause: 'price_changed', planned: (usage, { at }) => ({ usage: { ...usage, at }, detail: 'the rates were lower when money was held' }) },
  { cause: 'other_model', planned: withModel },
  { cause: 'other_tier', planned: (usage, { tier }) => withContext(usage, 'tier', tier) },
  { cause: 'other_region', planned: (usage, { region }) => withContext(usage, 'region', region) },
  { cause: 'unplanned_meter', planned: withoutUnplanned },
  { cause: 'more_output', planned: (usage, { meters }) => cutTo(usage, OUTPUT_METERS, meters.output ?? 0, 'output') },
  { cause: 'more_input', planned: (usage, { meters }) => cutTo(usage, INPUT_METERS, meters.input ?? 0, 'input') },
]

function withModel(usage: Usage, { model, seller }: Plan): ReturnType<Step['planned']> {
  if (model === null) return null
  const served = [...new Set(usage.inferences.map((inference) => inference.model))]
  if (usage.seller === seller && served.every((name) => name === model)) return null
  const inferences = usage.inferences.map((inference) => ({ ...inference, model }))
  return {
    usage: { ...usage, seller, modelRequested: model, modelServed: null, inferences },
    detail: `served by ${served.join(', ')} of ${usage.seller}; planned was ${model} of ${seller}`,
  }
}

function withContext(usage: Usage, field: 'tier' | 'region', planned: string | null): ReturnType<Step['planned']> {
  const found = usage.context[field] ?? null
  if (found === planned) return null
  const { [field]: _, ...rest } = usage.context
  const context = planned === null ? rest : { ...rest, [field]: planned }
  return { usage: { ...usage, context }, detail: `${field} ${found ?? 'not said'}; planned was ${planned ?? 'none in particular'}` }
}

const FORESEEN: ReadonlySet<string> = new Set<Meter>([
  ...([
    'input',
    'input.cache_read',
    'input.cache_write',
    'input.cache_write_5m',
    'input.cache_write_1h',
    'output',
    'output.reasoning',
  ] as const),
])

/** Tokens that are not text become text; what is no token goes. */
function withoutUnplanned(usage: Usage): ReturnType<Step['planned']> {
  const unplanned = new Set<string>()
  const inferences = usage.inferences.map((inference) => {
    const meters: Record<string, number> = {}
    for (const [meter, quantity] of Object.entries(inference.meters)) {
      const foreseen = FORESEEN.has(meter)
      if (!foreseen && quantity > 0) unplanned.add(meter)
      const to = foreseen ? meter : isAmong(INPUT_METERS, meter) ? 'input' : isAmong(OUTPUT_METERS, meter) ? 'output' : null
      if (to !== null) meters[to] = (meters[to] ?? 0) + quantity
    }
    return { ...inference, meters: meters as Meters }
  })
  if (unplanned.size === 0) return null
  return { usage: { ...usage, inferences }, detail: `used ${[...unplanned].join(', ')}, which was not planned` }
}

function isAmong(meters: readonly string[], meter: string): boolean {
  return meters.includes(meter)
}

/** Takes the last tokens away until as many are left as were planned. */
export function cutTo(usage: Usage, family: readonly Meter[], planned: number, what: string): ReturnType<Step['planned']> {
  const total = usageTotal(usage, family)
  let excess = total - planned
  if (excess <= 0) return null
  const inferences: Inference[] = []
  for (const inference of [...usage.inferences].reverse()) {
    const meters: Record<string, number> = { ...inference.meters }
    for (const meter of family) {
      const less = Math.min(excess, meters[meter] ?? 0)
      if (less > 0) meters[meter] = (meters[meter] ?? 0) - less
      excess -= less
    }
    inferences.unshift({ ...inference, meters: meters as Meters })
  }
  return { usage: { ...usage, inferences }, detail: `${total} ${what} tokens; the hold was for ${planned}` }
}
