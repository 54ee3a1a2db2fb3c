import { setRate, TOKEN_RATES } from '@purser/contract'
import { decimalOfNumber, fail, type Millis, ok, parseDecimal, type Result, refusal } from '../../kernel/index.ts'
import { identified, type Rate, type RateCard, sellerId } from '../../pricing/index.ts'
import { METERS, type Meter } from '../../usage/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'
import { anyTime } from '../validation/index.ts'
import { rateCardAnswer, textOfDecimal } from '../wire/rate-card-answer.ts'

/** Above this a rate is a slip of the decimal point: the dearest listed model costs 600 USD per million tokens. */
const PER_UNIT_MAX = 1_000n

type Input = Parameters<typeof cardOf>[1]

/** Sets rates of an organization for a model. They hold from the next call on; the change is audited. */
export const setRatesOperation = implement(setRate, async ({ services, caller }, input): Promise<Result<unknown>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const card = cardOf(services, input, { organization: organization.value, setBy: caller.actor })
  if (!card.ok) return card
  const replaced = services.rates.book().cards.filter((old) => isReplaced(old, card.value))
  await services.rates.addCards([card.value])
  await services.audits.audit({
    at: card.value.recordedAt,
    organization: organization.value,
    actor: caller.actor,
    action: 'set_rates',
    target: `${card.value.seller}/${card.value.model}`,
    before: replaced.length === 0 ? null : JSON.stringify(replaced.map(rateCardAnswer)),
    after: JSON.stringify(rateCardAnswer(card.value)),
  })
  return ok({ rate: rateCardAnswer(card.value), replaced: replaced.map((old) => old.id) })
})

function cardOf(
  services: Services,
  input: {
    readonly model: string
    readonly provider?: string | null
    readonly currency?: string
    readonly valid_from?: string | null
    readonly valid_to?: string | null
    readonly reference?: string
    readonly rates?: readonly { readonly meter: string; readonly price: string | number; readonly per: number }[]
  },
  by: { readonly organization: string; readonly setBy: string },
): Result<RateCard> {
  const now = services.now()
  const from = optionalTime(input.valid_from, '/valid_from')
  if (!from.ok) return from
  const to = optionalTime(input.valid_to, '/valid_to')
  if (!to.ok) return to
  const validFrom = from.value ?? now
  if (to.value !== null && to.value <= validFrom) {
    return fail(refusal('invalid_time', 'the rates would end before they begin', { path: '/valid_to' }))
  }
  if (input.model === '*') return fail(refusal('invalid_field', 'rates are set for one model', { path: '/model' }))
  const rates = ratesOf(input)
  if (!rates.ok) return rates
  return ok(
    identified({
      organization: by.organization,
      seller: typeof input.provider === 'string' ? sellerId(input.provider) : '*',
      model: input.model,
      currency: input.currency ?? 'USD',
      validFrom,
      validTo: to.value,
      recordedAt: now,
      retractedAt: null,
      status: 'active',
      rates: rates.value,
      modifiers: [],
      source: { kind: 'contract', ref: input.reference ?? `set by ${by.setBy}`, checkedAt: now, confidence: 'attested' },
    }),
  )
}

const METER_OF: Readonly<Record<(typeof TOKEN_RATES)[number], Meter>> = {
  input: 'input',
  output: 'output',
  cache_read: 'input.cache_read',
  cache_write: 'input.cache_write',
  cache_write_1h: 'input.cache_write_1h',
  reasoning: 'output.reasoning',
}

/** The named fields in both spellings, and the list. A meter may be given once. */
function ratesOf(input: Input): Result<Rate[]> {
  const given: { meter: string; price: string | number; per: number; path: string }[] = []
  for (const kind of TOKEN_RATES) {
    for (const [spelling, per] of [
      ['1k', 1_000],
      ['1m', 1_000_000],
    ] as const) {
      const path = `/${kind}_per_${spelling}`
      const price = (input as Readonly<Record<string, unknown>>)[path.slice(1)]
      if (typeof price === 'string' || typeof price === 'number') given.push({ meter: METER_OF[kind], price, per, path })
    }
  }
  for (const [index, rate] of (input.rates ?? []).entries()) given.push({ ...rate, path: `/rates/${index}/meter` })
  if (given.length === 0) return fail(refusal('missing_field', 'no rate is given, e.g. input_per_1m', { path: '/input_per_1m' }))
  const rates: Rate[] = []
  for (const { meter, price, per, path } of given) {
    const known = METERS.find((name) => name === meter)
    if (known === undefined) return fail(refusal('invalid_field', `"${meter}" is not a meter; they are ${METERS.join(', ')}`, { path }))
    if (rates.some((rate) => rate.meter === known)) return fail(refusal('invalid_field', `${known} is given twice`, { path }))
    const text = priceText(price, per)
    if (text === null)
      return fail(
        refusal('unpublishable_rate', `${price} per ${per} is more than ${PER_UNIT_MAX} for one: a slip of the decimal point?`, { path }),
      )
    rates.push({ meter: known, price: text, per })
  }
  return ok(rates)
}

function priceText(price: string | number, per: number): string | null {
  const value = typeof price === 'number' ? decimalOfNumber(price) : parseDecimal(price)
  if (value === null || value.scale > 18) return null
  const tooDear = value.digits > PER_UNIT_MAX * BigInt(per) * 10n ** BigInt(value.scale)
  return tooDear ? null : textOfDecimal(value)
}

function isReplaced(old: RateCard, card: RateCard): boolean {
  const same = old.organization === card.organization && old.seller === card.seller && old.model === card.model
  return same && old.retractedAt === null && old.id !== card.id && (old.validTo === null || old.validTo > card.validFrom)
}

function optionalTime(text: string | null | undefined, path: string): Result<Millis | null> {
  return text === undefined || text === null ? ok(null) : anyTime(text, path)
}
