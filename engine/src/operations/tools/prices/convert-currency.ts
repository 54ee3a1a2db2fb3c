import { convertCurrency } from '@purser/contract'
import { assert, fail, ok, parseDecimal, type Refusal, type Result, refusal, usdOfPicos } from '../../../kernel/index.ts'
import { convert } from '../../../pricing/index.ts'
import type { Services } from '../../context.ts'
import { textOfDecimal } from '../../wire/rate-card-answer.ts'
import { roundedFrom, statedAmount } from '../amount.ts'
import { implementTool } from '../tool.ts'

/** Converts an amount by dated exchange rates. A currency without a rate is refused with those that are known, never taken one to one. */
export const convertCurrencyTool = implementTool(convertCurrency, async ({ services }, input): Promise<Result<unknown>> => {
  const stated = statedAmount(input.amount, '/amount', 'allowed')
  if (!stated.ok) return stated
  const from = input.from_currency.toUpperCase()
  const to = input.to_currency.toUpperCase()
  const text = usdOfPicos(stated.value.amount)
  const amount = parseDecimal(text)
  assert(amount !== null, 'an amount that was read is a decimal')
  const known = knownCurrencies(services)
  for (const [path, currency] of [
    ['/from_currency', from],
    ['/to_currency', to],
  ] as const) {
    if (!known.includes(currency)) return fail(unknownCurrency(currency, path, known))
  }
  const converted = convert(services.rates.fx(), { amount, from, to, at: services.now() })
  if ('unknown' in converted) {
    return fail(unknownCurrency(converted.unknown, converted.unknown === from ? '/from_currency' : '/to_currency', known))
  }
  const days = converted.used.map(({ asOf }) => asOf).sort()
  const sources = [...new Set(converted.used.map(({ source }) => source))]
  return ok({
    amount: text,
    from_currency: from,
    to_currency: to,
    converted_amount: textOfDecimal(converted.amount),
    rate: textOfDecimal(converted.rate),
    as_of: days[0] ?? null,
    source: sources.length === 0 ? null : sources.join(', '),
    ...roundedFrom({ amount: stated.value }),
  })
})

function knownCurrencies({ rates }: Pick<Services, 'rates'>): string[] {
  return ['USD', ...new Set(rates.listFx().map(({ currency }) => currency))].sort()
}

function unknownCurrency(currency: string, path: string, known: readonly string[]): Refusal {
  const detail = `there is no exchange rate for "${currency}" that holds today; known are ${known.join(', ')}. Set one with PUT /v1/finops/fx`
  return refusal('invalid_field', detail, { path, facts: { known_currencies: [...known] } })
}
