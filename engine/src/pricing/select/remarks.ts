import { formatInstant, type Millis } from '../../kernel/index.ts'
import type { Meter } from '../../usage/index.ts'
import type { ChargeNote, RateCard } from '../records.ts'

/** A note for calls that are older than `before`. */
export interface Remark {
  readonly before: Millis
  readonly note: ChargeNote
}

/**
 * What a reader of the bill should know of a card that prices a meter. A card without a start date holds for all time in valid time, because nobody says
 * when it began; a call from before we first saw it may have cost something else, and its charge says so.
 */
export function remarksOn(meter: Meter, card: RateCard, listUsed: boolean): readonly Remark[] {
  const remarks: Remark[] = []
  const named = `${card.seller}/${card.model}`
  if (card.organization === null && card.validFrom <= 0) {
    const seen = formatInstant(card.source.checkedAt).slice(0, 10)
    const detail = `the card of ${named} has no start date; its rates were first seen on ${seen} (${card.source.ref})`
    remarks.push({ before: card.source.checkedAt, note: { code: 'card_undated', detail } })
  }
  if (listUsed) {
    const detail = `${meter} is priced from the public card of ${named}: the organization's own rates do not name it`
    remarks.push({ before: Number.POSITIVE_INFINITY, note: { code: 'list_rate_used', detail } })
  }
  return remarks
}
