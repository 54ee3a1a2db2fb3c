import { listFx, setFx } from '@purser/contract'
import { decimalOfNumber, fail, formatInstant, ok, parseDecimal, parseInstant, type Result, refusal } from '../../kernel/index.ts'
import type { FxRate } from '../../pricing/index.ts'
import { wholeInstallation } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { textOfDecimal } from '../wire/rate-card-answer.ts'

/** Dated exchange rates, newest first. Of two for one day the later one holds. */
export const listFxOperation = implement(listFx, async ({ services }, input): Promise<Result<unknown>> => {
  const holding = new Map(services.rates.listFx().map((rate) => [`${rate.currency} ${rate.asOf}`, rate]))
  const rates = [...holding.values()].filter((rate) => input.currency === undefined || rate.currency === input.currency)
  rates.sort((a, b) => (a.currency === b.currency ? (a.asOf < b.asOf ? 1 : -1) : a.currency < b.currency ? -1 : 1))
  return ok({ rates: rates.map(fxAnswer) })
})

/** Sets what one unit of a currency buys from a day on. It concerns every organization. */
export const setFxOperation = implement(setFx, async ({ services, caller }, input): Promise<Result<unknown>> => {
  const allowed = wholeInstallation(caller)
  if (!allowed.ok) return allowed
  const now = services.now()
  const asOf = input.as_of ?? formatInstant(now).slice(0, 10)
  if (parseInstant(`${asOf}T00:00:00Z`) === null) return fail(refusal('invalid_time', `"${asOf}" is not a day`, { path: '/as_of' }))
  if (input.currency === 'USD') return fail(refusal('invalid_field', 'a dollar is a dollar', { path: '/currency' }))
  const value = typeof input.usd_per_unit === 'number' ? decimalOfNumber(input.usd_per_unit) : parseDecimal(input.usd_per_unit)
  if (value === null || value.digits <= 0n || value.scale > 18) {
    return fail(refusal('invalid_field', 'expected a decimal above 0 with at most 18 decimals', { path: '/usd_per_unit' }))
  }
  const rate: FxRate = {
    currency: input.currency,
    usdPerUnit: textOfDecimal(value),
    asOf,
    source: input.source ?? `set by ${caller.actor}`,
  }
  const before = services.rates.listFx().findLast((old) => old.currency === rate.currency && old.asOf === asOf)
  await services.rates.addFx([rate], {
    at: now,
    organization: null,
    actor: caller.actor,
    action: 'set_fx',
    target: `${rate.currency} ${asOf}`,
    before: before === undefined ? null : JSON.stringify(fxAnswer(before)),
    after: JSON.stringify(fxAnswer(rate)),
  })
  return ok(fxAnswer(rate))
})

function fxAnswer({ currency, usdPerUnit, asOf, source }: FxRate) {
  return { currency, usd_per_unit: usdPerUnit, as_of: asOf, source }
}
