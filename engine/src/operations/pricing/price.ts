import { type PriceAnswer, priceUsage } from '@purser/contract'
import { ok, type Result } from '../../kernel/index.ts'
import { readScope } from '../authority/scope.ts'
import type { RateContext } from '../context.ts'
import { implement } from '../operation.ts'
import { isTooDeep, timeOr, tooDeep } from '../validation/index.ts'
import { chargeAnswer } from '../wire/charge-answer.ts'
import { rateCardAnswer } from '../wire/rate-card-answer.ts'
import { usageAnswer } from '../wire/usage-answer.ts'
import { usageOfInput } from '../wire/usage-of-input.ts'

/** Prices without posting, by the code that prices posted calls. Any time may be asked about: past ones, and future ones as far as they are known. */
export const priceOperation = implement(priceUsage, async ({ services, caller }: RateContext, input): Promise<Result<PriceAnswer>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  if (input.response !== undefined && isTooDeep(input.response)) return { ok: false, error: tooDeep('/response') }
  const now = services.now()
  const at = timeOr(input.timestamp, '/timestamp', now)
  if (!at.ok) return at
  const knownAt = timeOr(input.known_at, '/known_at', now)
  if (!knownAt.ok) return knownAt
  const usage = usageOfInput(input, at.value, services.rates)
  if (!usage.ok) return usage
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const charge = services.rates.price(usage.value, organization, knownAt.value)
  const ids = [...new Set(charge.lines.map((line) => line.cardId))]
  return ok({
    usage: usageAnswer(usage.value),
    charge: chargeAnswer(charge),
    rate_cards: services.rates.cards(ids).map(rateCardAnswer),
  })
})
