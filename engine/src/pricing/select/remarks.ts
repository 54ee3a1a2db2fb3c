import { formatInstant, type Millis } from '../../kernel/index.ts'
import type { Meter } from '../../usage/index.ts'
import type { ChargeNote, RateCard } from '../records.ts'

/** A note for calls that are older than `before`. */
export interface Remark {
  readonly before: Millis
  /** The rate is not known to be the one of the call's time: a charge by it is no more than an estimate. */
  readonly isStandIn: boolean
  readonly note: ChargeNote
}

/**
 * What a reader of the bill should know of a card that prices a meter. A card without a start date holds for all time in valid time, because nobody says
 * when it began; a call from before we first saw it may have cost something else, and its charge says so. `passedOver` are the cards in force that were
 * asked for the meter before this one and have no rate for it.
 */
export function remarksOn(meter: Meter, card: RateCard, passedOver: readonly RateCard[], listUsed: boolean): readonly Remark[] {
  const remarks: Remark[] = []
  const named = `${card.seller}/${card.model}`
  if (card.organization === null && card.validFrom <= 0) {
    const seen = dayOf(card.source.checkedAt)
    const detail = `the card of ${named} has no start date; its rates were first seen on ${seen} (${card.source.ref})`
    remarks.push({ before: card.source.checkedAt, isStandIn: false, note: { code: 'card_undated', detail } })
  }
  const contradicting = passedOver.find((other) => heldAnotherPrice(other, card))
  if (contradicting !== undefined) remarks.push(priceChangedSince(meter, card, contradicting))
  if (listUsed) {
    const detail = `${meter} is priced from the public card of ${named}: the organization's own rates do not name it`
    remarks.push({ before: Number.POSITIVE_INFINITY, isStandIn: false, note: { code: 'list_rate_used', detail } })
  }
  return remarks
}

/**
 * Whether a dated list price of the very model, in force at the time of the call, was not in force when an undated card was seen. Between the two the price
 * has changed, so the undated rates are of another time. Where it was in force on both days the undated rates were seen beside it, and go with it.
 */
function heldAnotherPrice(dated: RateCard, card: RateCard): boolean {
  if (!isList(card) || !isList(dated) || card.validFrom > 0) return false
  if (dated.seller !== card.seller || dated.model !== card.model || dated.rates.length === 0) return false
  const seenAt = card.source.checkedAt
  return (dated.validFrom > 0 && seenAt < dated.validFrom) || (dated.validTo !== null && seenAt >= dated.validTo)
}

/** A contract's price is one buyer's, and says nothing of when the list price changed. */
function isList(card: RateCard): boolean {
  return card.organization === null && card.source.kind !== 'contract'
}

function priceChangedSince(meter: Meter, card: RateCard, dated: RateCard): Remark {
  const from = dated.validFrom > 0 ? ` from ${dayOf(dated.validFrom)}` : ''
  const to = dated.validTo === null ? '' : ` to ${dayOf(dated.validTo)}`
  const detail =
    `the card of ${dated.seller}/${dated.model} in force at the time of the call (${dated.source.ref}) holds${from}${to} and has no rate for ${meter}; ` +
    `the card used has no start date and was first seen on ${dayOf(card.source.checkedAt)} (${card.source.ref}), when another price held`
  return { before: Number.POSITIVE_INFINITY, isStandIn: true, note: { code: 'price_changed_since', detail } }
}

function dayOf(at: Millis): string {
  return formatInstant(at).slice(0, 10)
}
