import { type RateRetractAnswer, retractRate } from '@purser/contract'
import { fail, ok, type Result, refusal } from '../../kernel/index.ts'
import type { RateCard } from '../../pricing/index.ts'
import { wholeInstallation } from '../authority/scope.ts'
import type { Caller, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { rateCardAnswer } from '../wire/rate-card-answer.ts'

/** Marks a card as known to be wrong from now on. Nothing is deleted: what was priced by it can be explained, and priced again. */
export const retractRateOperation = implement(retractRate, async ({ services, caller }, input): Promise<Result<RateRetractAnswer>> => {
  const card = cardInReach(services, caller, input.rate_card)
  if (!card.ok) return card
  const now = services.now()
  const after = rateCardAnswer({ ...card.value, retractedAt: now })
  const retracted = await services.rates.retract(card.value, now, {
    at: now,
    organization: card.value.organization,
    actor: caller.actor,
    action: 'retract_rate',
    target: card.value.id,
    before: JSON.stringify(rateCardAnswer(card.value)),
    after: JSON.stringify({ ...after, ...(input.reason === undefined ? {} : { reason: input.reason }) }),
  })
  return ok({ rate: rateCardAnswer(retracted) })
})

/** A card of another organization does not exist for this caller; a public one can be seen by all, and changed by few. */
function cardInReach(services: Services, caller: Caller, id: string): Result<RateCard> {
  const card = services.rates.cards([id])[0]
  const foreign =
    caller.organization !== null && card !== undefined && card.organization !== null && card.organization !== caller.organization
  if (card === undefined || foreign) return fail(refusal('not_found', `there is no rate card "${id}"`, { path: '/rate_card' }))
  const allowed = card.organization === null ? wholeInstallation(caller) : ok(null)
  return allowed.ok ? ok(card) : allowed
}
