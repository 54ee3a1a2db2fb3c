import { estimateCost } from '@purser/contract'
import { fail, LIMITS, type Millis, ok, type Result, refusal, usdOfPicos } from '../../../kernel/index.ts'
import { type Charge, cardsInForce, estimate, type RateCard } from '../../../pricing/index.ts'
import { METERS, type Meters, type Usage } from '../../../usage/index.ts'
import { isTooDeep, tooDeep } from '../../validation/index.ts'
import { TOOL_SELLER } from '../limits.ts'
import { implementTool, type ToolContext } from '../tool.ts'

/** What an estimate rests on. `charge` null: no price is known, and `notes` say what to do. */
interface Priced {
  readonly charge: Charge | null
  readonly basis: string | null
  readonly notes: readonly string[]
}

/**
 * The cost of one use of a tool or model: by the price of the service of that name, else by the
 * organization's own rates for it, else by the price of the model that is meant. Without
 * either nothing is invented.
 */
export const estimateCostTool = implementTool(estimateCost, async (context, input): Promise<Result<unknown>> => {
  if (input.parameters !== undefined && isTooDeep(input.parameters)) return fail(tooDeep('/parameters'))
  const sizes = sizesOf(input.parameters ?? {})
  if (!sizes.ok) return sizes
  const at = context.services.now()
  const offered = await byService(context, input.tool)
  if (offered !== null) return ok({ tool: input.tool, ...offered })
  const { charge, basis, notes } = byRates(context, input.tool, sizes.value, at) ?? byModel(context, input.tool, sizes.value, at)
  const known = charge !== null && charge.amount !== null && charge.status !== 'partial' && charge.status !== 'unpriced'
  return ok({
    tool: input.tool,
    ...(known && charge.amount !== null ? { estimated_cost: usdOfPicos(charge.amount) } : {}),
    currency: 'USD',
    status: known ? (charge.status === 'exact' && sizes.value.tokens === null ? 'exact' : 'estimated') : 'unpriced',
    basis: known ? basis : null,
    notes: [...notes, ...(charge?.notes ?? []).map(({ detail }) => detail), ...(known ? [] : [whatToDo(input.tool)])],
  })
})

function whatToDo(name: string): string {
  return `no price is known for "${name}" as it would be used: set a rate for it (PUT /v1/finops/rates), or name a model with input_tokens and output_tokens in parameters`
}

/** What parameters say of the size of a use. Null: they do not. */
interface Sizes {
  readonly model: string | null
  readonly provider: string
  readonly input: number | null
  readonly output: number | null
  /** Input and output together. */
  readonly tokens: number | null
}

function sizesOf(parameters: Readonly<Record<string, unknown>>): Result<Sizes> {
  const counts: Record<string, number | null> = {}
  for (const name of ['input_tokens', 'output_tokens', 'max_output_tokens', 'tokens']) {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (value !== undefined && !isCount(value)) {
      const detail = `expected a whole number from 0 to ${LIMITS.tokensPerMeterMax}`
      return fail(refusal('invalid_field', detail, { path: `/parameters/${name}` }))
    }
    counts[name] = value ?? null
  }
  const { input_tokens: input = null, output_tokens, max_output_tokens, tokens = null } = counts
  const output = output_tokens ?? max_output_tokens ?? null
  return ok({
    model: textIn(parameters, 'model'),
    provider: textIn(parameters, 'provider') ?? '',
    input,
    output,
    tokens: input === null && output === null ? tokens : null,
  })
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LIMITS.tokensPerMeterMax
}

function textIn(parameters: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  return typeof value === 'string' && value !== '' && value.length <= LIMITS.nameCharsMax ? value : null
}

/** By what agents ask for a service of this name or id; the dearest, where several offer it. Null when nobody does. */
async function byService({ services, organization }: ToolContext, name: string) {
  const offers = (await services.market.services(organization)).filter((offer) => {
    return offer.withdrawnAt === null && (offer.name === name || offer.id === name)
  })
  const [dearest] = offers.sort((a, b) => (a.price > b.price ? -1 : 1))
  if (dearest === undefined) return null
  return {
    estimated_cost: usdOfPicos(dearest.price),
    currency: 'USD',
    status: offers.length === 1 ? 'exact' : 'estimated',
    basis: `the service that ${dearest.agent} offers`,
    notes: offers.length === 1 ? [] : [`${offers.length} agents offer a service of this name; the dearest is taken`],
  }
}

/** By a card for this very name: the organization's own, or ours for the tools of this family. Null when there is none. */
function byRates({ services, organization }: ToolContext, name: string, sizes: Sizes, at: Millis): Priced | null {
  const cards = cardsInForce(services.rates.book(), at, at).filter(
    (card) => card.model === name && (card.organization === organization || (card.organization === null && card.seller === TOOL_SELLER)),
  )
  const card = cards.find((one) => one.organization === organization) ?? cards[0]
  if (card === undefined) return null
  const seller = card.seller === '*' ? services.rates.sellerOf('', name, at) : card.seller
  const basis = card.organization === null ? 'free unless a rate is set for it' : 'the rates of the organization'
  return dearestOf(readingsFor(card, sizes), sizes, (meters) => ({
    charge: services.rates.price(usageOf(name, seller, meters, at), organization, at),
    basis,
    notes: [],
  }))
}

/** What one use consumes of the meters that a card has rates for. Tokens of which the split is not known are read both ways. */
function readingsFor(card: RateCard, { input, output, tokens }: Sizes): Meters[] {
  const has = (meter: (typeof METERS)[number]): boolean => card.rates.some((rate) => rate.meter === meter)
  const request = has('request') ? { request: 1 } : {}
  if (!has('input') && !has('output')) return [request]
  if (tokens !== null) {
    return [...(has('input') ? [{ ...request, input: tokens }] : []), ...(has('output') ? [{ ...request, output: tokens }] : [])]
  }
  if ((has('input') && input === null) || (has('output') && output === null)) return []
  return [{ ...request, ...(has('input') ? { input: input ?? 0 } : {}), ...(has('output') ? { output: output ?? 0 } : {}) }]
}

/** By the price of the model that the parameters name, or that the tool's name is. */
function byModel({ services, organization }: ToolContext, name: string, sizes: Sizes, at: Millis): Priced {
  const { rates } = services
  const model = sizes.model ?? name
  const seller = rates.sellerOf(sizes.provider, model, at)
  const common = { model, seller, organization, at, knownAt: at, fx: rates.fx() }
  return dearestOf(modelReadings(sizes), sizes, ({ input = 0, output = 0 }) => ({
    charge: estimate({ ...common, inputTokens: input, maxOutputTokens: output }, rates.book()).expected,
    basis: `the price of ${model}${seller === '' ? '' : ` at ${seller}`}`,
    notes: [],
  }))
}

function modelReadings({ input, output, tokens }: Sizes): Meters[] {
  if (tokens !== null) return [{ input: tokens }, { output: tokens }]
  return input === null && output === null ? [] : [{ input: input ?? 0, output: output ?? 0 }]
}

/** The dearest of several readings: whoever asks wants to know what must be at hand. */
function dearestOf(readings: readonly Meters[], sizes: Sizes, price: (meters: Meters) => Priced): Priced {
  let dearest: Priced | null = null
  for (const meters of readings) {
    const priced = price(meters)
    const amount = priced.charge?.amount ?? null
    if (dearest === null || (amount !== null && amount > (dearest.charge?.amount ?? -1n))) dearest = priced
  }
  if (dearest === null) return { charge: null, basis: null, notes: ['how many tokens it would use is not said'] }
  const split = readings.length > 1 && sizes.tokens !== null
  return split ? { ...dearest, notes: ['how the tokens divide into input and output is not said; the dearer is taken'] } : dearest
}

function usageOf(model: string, seller: string, meters: Meters, at: Millis): Usage {
  const evidence = Object.fromEntries(METERS.filter((meter) => meters[meter] !== undefined).map((meter) => [meter, 'reported'] as const))
  return {
    seller,
    modelRequested: model,
    modelServed: null,
    at,
    inferences: [{ model, kind: 'other', meters, evidence }],
    context: {},
    notes: [],
    outcome: { ok: true },
  }
}
