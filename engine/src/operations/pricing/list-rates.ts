import { listRates, rateHistory } from '@purser/contract'
import type { OrganizationScope } from '../../calls/index.ts'
import { ok, type Result } from '../../kernel/index.ts'
import { cardsInForce, type RateCard, resolveModel, sellerId } from '../../pricing/index.ts'
import { readScope } from '../authority/scope.ts'
import type { RateContext } from '../context.ts'
import { implement } from '../operation.ts'
import { anyTime } from '../validation/index.ts'
import { rateCardAnswer } from '../wire/rate-card-answer.ts'

const CARDS = 200

/** Rates that hold at a time, and where each comes from. Own rates first, then by seller and model. */
export const listRatesOperation = implement(listRates, async ({ services, caller }: RateContext, input): Promise<Result<unknown>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const now = services.now()
  const at = input.at === undefined ? ok(now) : anyTime(input.at, '/at')
  if (!at.ok) return at
  const part = input.model?.toLowerCase()
  const seller = input.provider === undefined ? null : sellerId(input.provider)
  const found = cardsInForce(services.rates.book(), at.value, now).filter((card) => {
    if (!mayBeSeen(card, scope.value)) return false
    if (input.own === true && card.organization === null) return false
    return (
      (part === undefined || card.model.toLowerCase().includes(part)) && (seller === null || card.seller === seller || card.seller === '*')
    )
  })
  const limit = input.limit ?? CARDS
  return ok({
    rates: found.sort(ownFirst).slice(0, limit).map(rateCardAnswer),
    total: found.length,
    truncated: found.length > limit,
  })
})

/** Every card of a model that was ever known, oldest first. */
export const rateHistoryOperation = implement(rateHistory, async ({ services, caller }: RateContext, input): Promise<Result<unknown>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const book = services.rates.book()
  const resolution = resolveModel(book, input.provider ?? '', input.model, services.now())
  const names = new Set([input.model, ...resolution.names, ...(resolution.listing === null ? [] : [resolution.listing.model])])
  const sellers = new Set(['*', resolution.seller, ...(resolution.listing === null ? [] : [resolution.listing.seller])])
  const found = book.cards.filter((card) => mayBeSeen(card, scope.value) && names.has(card.model) && sellers.has(card.seller))
  found.sort((a, b) => a.validFrom - b.validFrom || a.recordedAt - b.recordedAt || (a.id < b.id ? -1 : 1))
  return ok({ model: input.model, rates: found.map(rateCardAnswer) })
})

/** An organization's own rates are seen by no other. */
export function mayBeSeen(card: RateCard, scope: OrganizationScope): boolean {
  return card.organization === null || !('organization' in scope) || card.organization === scope.organization
}

export function ownFirst(a: RateCard, b: RateCard): number {
  const own = Number(a.organization === null) - Number(b.organization === null)
  return own || compare(a.seller, b.seller) || compare(a.model, b.model) || a.validFrom - b.validFrom
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
