import { setRate, TOKEN_RATES } from '@purser/contract'
import { ok, type Result } from '../../kernel/index.ts'
import { organizationCard, type RateCard, type RateSetting } from '../../pricing/index.ts'
import type { Meter } from '../../usage/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { timeOr } from '../validation/index.ts'
import { rateCardAnswer } from '../wire/rate-card-answer.ts'

/** Sets rates of an organization for a model. They hold from the next call on; the change is audited. */
export const setRatesOperation = implement(setRate, async ({ services, caller }, input): Promise<Result<unknown>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const from = timeOr(input.valid_from, '/valid_from', null)
  if (!from.ok) return from
  const to = timeOr(input.valid_to, '/valid_to', null)
  if (!to.ok) return to
  const card = organizationCard({
    organization: organization.value,
    setBy: caller.actor,
    at: services.now(),
    model: input.model,
    rates: statedRates(input),
    ...(typeof input.provider === 'string' ? { seller: input.provider } : {}),
    ...(input.currency === undefined ? {} : { currency: input.currency }),
    ...(from.value === null ? {} : { validFrom: from.value }),
    ...(to.value === null ? {} : { validTo: to.value }),
    ...(input.reference === undefined ? {} : { reference: input.reference }),
  })
  if (!card.ok) return card
  const replaced = services.rates.book().cards.filter((old) => isReplaced(old, card.value))
  await services.rates.addCards([card.value], {
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

/** What each named rate is the price of. */
export const TOKEN_METERS: Readonly<Record<(typeof TOKEN_RATES)[number], Meter>> = {
  input: 'input',
  output: 'output',
  cache_read: 'input.cache_read',
  cache_write: 'input.cache_write',
  cache_write_1h: 'input.cache_write_1h',
  reasoning: 'output.reasoning',
}

const SPELLINGS = [
  ['1k', 1_000],
  ['1m', 1_000_000],
] as const

type NamedRates = { readonly [F in `${keyof typeof TOKEN_METERS}_per_${'1k' | '1m'}`]?: string | number }
type ListedRate = Omit<RateSetting['rates'][number], 'path'>

/** The named fields in both spellings, then the list; each with the path that a refusal names. */
function statedRates(input: NamedRates & { readonly rates?: readonly ListedRate[] }): RateSetting['rates'] {
  const named = TOKEN_RATES.flatMap((kind) =>
    SPELLINGS.flatMap(([spelling, per]) => {
      const field = `${kind}_per_${spelling}` as const
      const price = input[field]
      return price === undefined ? [] : [{ meter: TOKEN_METERS[kind], price, per, path: `/${field}` }]
    }),
  )
  const listed = (input.rates ?? []).map((rate, index) => ({ ...rate, path: `/rates/${index}/meter` }))
  return [...named, ...listed]
}

function isReplaced(old: RateCard, card: RateCard): boolean {
  const same = old.organization === card.organization && old.seller === card.seller && old.model === card.model
  return same && old.retractedAt === null && old.id !== card.id && (old.validTo === null || old.validTo > card.validFrom)
}
