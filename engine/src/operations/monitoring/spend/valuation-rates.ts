import { listValuationRates, setValuationRate, VALUATION_RATES, type ValuationRate, type ValuationRateName } from '@purser/contract'
import { assert, fail, formatInstant, ok, parseDecimal, type Refusal, type Result } from '../../../kernel/index.ts'
import { cardsInForce, type Rate, type RateCard, sellerId } from '../../../pricing/index.ts'
import type { Services } from '../../context.ts'
import { implement } from '../../operation.ts'
import { mayBeSeen, ownFirst } from '../../pricing/list-rates.ts'
import { setRatesOperation } from '../../pricing/set-rates.ts'
import { pricePer } from '../../wire/rate-card-answer.ts'
import { monitoredScope } from '../scope.ts'

const NAMES = Object.keys(VALUATION_RATES) as ValuationRateName[]

/** The field of `set_rates` that each becomes: the same price in the other spelling, so nothing is computed. */
const FIELD_OF: Readonly<Record<ValuationRateName, string>> = {
  inputRatePerKTokens: 'input_per_1k',
  outputRatePerKTokens: 'output_per_1k',
  cachedInputRatePerKTokens: 'cache_read_per_1k',
  cacheWriteRatePerKTokens: 'cache_write_per_1k',
  reasoningRatePerKTokens: 'reasoning_per_1k',
}

/** Sets rates of an organization for a model, in the words of this family. */
export const setValuationRateOperation = implement(
  setValuationRate,
  async ({ services, caller }, input): Promise<Result<ValuationRate>> => {
    const { modelId, organizationId, provider, currency, reference } = input
    const rates = NAMES.flatMap((name): [string, unknown][] => {
      const rate = input[name]
      return rate === undefined || rate === null ? [] : [[FIELD_OF[name], rate]]
    })
    const asked = {
      model: modelId,
      ...(organizationId === undefined ? {} : { organization_id: organizationId }),
      ...(provider === undefined ? {} : { provider }),
      ...(currency === undefined ? {} : { currency }),
      ...(reference === undefined ? {} : { reference }),
      ...Object.fromEntries(rates),
    }
    // Whether the key may do this has been decided; the operation behind it has a name of its own, which its list may lack.
    const set = await setRatesOperation.run({ services, caller: { ...caller, operations: null } }, asked)
    if (!set.ok) return fail(respelt(set.error))
    const { rate } = set.value as { readonly rate: { readonly rate_card: string } }
    const [card] = services.rates.cards([rate.rate_card])
    assert(card !== undefined, 'rates that were set are known')
    return ok(valuationOf(card))
  },
)

/** Rates in force, own ones first. */
export const listValuationRatesOperation = implement(
  listValuationRates,
  async ({ services, caller }, input): Promise<Result<ValuationRate[]>> => {
    const scope = monitoredScope(caller, input.organizationId)
    if (!scope.ok) return scope
    const part = input.modelId?.toLowerCase()
    const seller = input.provider === undefined ? null : sellerId(input.provider)
    const found = inForce(services).filter(
      (card) =>
        mayBeSeen(card, scope.value) &&
        (input.own !== true || card.organization !== null) &&
        (part === undefined || card.model.toLowerCase().includes(part)) &&
        (seller === null || card.seller === seller || card.seller === '*'),
    )
    const valued = found.sort(ownFirst).map(valuationOf).filter(pricesTokens)
    return ok(valued.slice(0, input.limit ?? valued.length))
  },
)

function inForce({ rates, now }: Services): RateCard[] {
  const at = now()
  return cardsInForce(rates.book(), at, at).filter((card) => card.model !== '*')
}

/** Some cards price seconds, pages or searches alone; `list_rates` has those. */
function pricesTokens({ exact, conditional }: ValuationRate): boolean {
  return conditional || NAMES.some((name) => exact[name] !== null)
}

function valuationOf(card: RateCard): ValuationRate {
  const texts = NAMES.map((name): [ValuationRateName, string | null] => [name, perThousand(card, name)])
  const exact = Object.fromEntries(texts) as ValuationRate['exact']
  const numbers = texts.map(([name, text]): [ValuationRateName, number | null] => [name, numberOf(text)])
  const meters: readonly string[] = Object.values(VALUATION_RATES)
  return {
    modelId: card.model,
    ...(Object.fromEntries(numbers) as Record<ValuationRateName, number | null>),
    exact,
    provider: card.seller,
    currency: card.currency,
    organizationId: card.organization,
    conditional: card.modifiers.length > 0 || card.rates.some((rate) => !isPlain(rate) && meters.includes(rate.meter)),
    effectiveFrom: formatInstant(card.validFrom),
    rateCard: card.id,
    source: card.source.ref,
  }
}

/** The price that holds for a plain call. */
function perThousand(card: RateCard, name: ValuationRateName): string | null {
  const rate = card.rates.find((one) => one.meter === VALUATION_RATES[name] && isPlain(one))
  return rate === undefined ? null : pricePer(rate, 1_000n)
}

/** Without a condition, or of the standard tier, which a call is of that does not say. */
function isPlain({ when }: Rate): boolean {
  if (when === undefined) return true
  const { tier, ...more } = when
  return tier?.includes('standard') === true && Object.keys(more).length === 0
}

/** For display: prices are computed from the text. */
function numberOf(text: string | null): number | null {
  if (text === null) return null
  assert(parseDecimal(text) !== null, 'a price is a decimal')
  return Number(text)
}

/** The path of a refusal in the spelling of this family. */
function respelt(refused: Refusal): Refusal {
  const { path } = refused
  if (path === undefined) return refused
  const named = NAMES.find((name) => path === `/${FIELD_OF[name]}` || path === `/${FIELD_OF[name].replace('1k', '1m')}`)
  const others: Readonly<Record<string, string>> = { '/model': '/modelId', '/organization_id': '/organizationId' }
  return { ...refused, path: named === undefined ? (others[path] ?? path) : `/${named}` }
}
