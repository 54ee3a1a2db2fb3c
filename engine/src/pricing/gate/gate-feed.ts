import type { Millis } from '../../kernel/index.ts'
import { identified } from '../book/card-id.ts'
import type { RateCard, RateSource } from '../records.ts'
import { gate, unlisted, type Verdict } from './gate.ts'

/** What a newly fetched table changes. */
export interface FeedOutcome {
  readonly publish: readonly RateCard[]
  readonly hold: readonly { readonly card: RateCard; readonly verdict: Verdict }[]
  /** Cards that the table still has and that were found to be wrong. They stay retracted until the table has said something else. */
  readonly retracted: readonly RateCard[]
  /** Cards of models that the table no longer has, kept and marked. */
  readonly unlisted: readonly RateCard[]
}

/**
 * Puts a whole table through the gate. `own` are all cards that this table gave before, retracted ones among them, `witnesses` those of other tables.
 * Cards that say what is known already are neither published nor held, and what was retracted is not published again until the table has said something
 * else. A changed rate of a card without a date holds from `at` on, when it was first seen: the table does not say since when, and what was billed until
 * then was right when it was billed.
 */
export function gateFeed(
  candidates: readonly RateCard[],
  own: readonly RateCard[],
  witnesses: readonly RateCard[],
  at: Millis,
): FeedOutcome {
  const current = newestOfPlaces(own.filter((card) => card.retractedAt === null))
  const before = groupByModel(current)
  // That a table left a model out says nothing of its price.
  const statements = groupByModel(own.filter((card) => card.status !== 'unlisted' || card.retractedAt !== null))
  const others = groupByModel(witnesses)
  const outcome = { publish: [] as RateCard[], hold: [] as { card: RateCard; verdict: Verdict }[], retracted: [] as RateCard[] }
  for (const candidate of candidates) {
    const known = latest(ofPlace(candidate, before.get(modelOf(candidate)) ?? [], at))
    const unanswered = unansweredRetractions(ofPlace(candidate, statements.get(modelOf(candidate)) ?? [], at))
    const isKnown = known !== null && saysTheSame(known, candidate)
    if (isKnown && unanswered.length === 0) continue
    if (!isKnown && unanswered.some((wrong) => saysTheSame(wrong, candidate))) {
      outcome.retracted.push(candidate)
      continue
    }
    const card = known !== null && isUndated(candidate) ? since(candidate, at) : candidate
    if (isKnown) {
      // The table took back what was retracted. It is written down, so that the table may say the same again another day and be believed.
      outcome.publish.push(trusted(card, known.source.confidence))
      continue
    }
    const verdict = gate(card, known, others.get(modelOf(card)) ?? [])
    if (verdict.decision === 'publish') outcome.publish.push(verdict.confidence === 'single' ? card : trusted(card, 'corroborated'))
    else outcome.hold.push({ card, verdict })
  }
  const present = new Set(candidates.map(modelOf))
  const gone = current.filter((card) => !present.has(modelOf(card)) && card.status !== 'unlisted')
  return { ...outcome, unlisted: gone.map((card) => unlisted(card, at)) }
}

/** Cards about the same time as a candidate: for one without a date, all that the table has said until now, because a changed one has been given a date of ours. */
function ofPlace(candidate: RateCard, cards: readonly RateCard[], at: Millis): readonly RateCard[] {
  return isUndated(candidate)
    ? cards.filter((card) => card.validFrom <= at)
    : cards.filter((card) => card.validFrom === candidate.validFrom)
}

/** Retracted cards after whose retraction the table is not known to have said anything that still stands. */
function unansweredRetractions(cards: readonly RateCard[]): readonly RateCard[] {
  const heard = Math.max(Number.NEGATIVE_INFINITY, ...cards.filter((card) => card.retractedAt === null).map((card) => card.recordedAt))
  return cards.filter((card) => card.retractedAt !== null && card.retractedAt >= heard)
}

function latest(cards: readonly RateCard[]): RateCard | null {
  return cards.reduce<RateCard | null>((best, card) => (best === null || isLater(card, best) ? card : best), null)
}

function isLater(card: RateCard, other: RateCard): boolean {
  return card.validFrom === other.validFrom ? card.recordedAt >= other.recordedAt : card.validFrom > other.validFrom
}

function isUndated(card: RateCard): boolean {
  return card.validFrom <= 0 && card.validTo === null
}

function saysTheSame(a: RateCard, b: RateCard): boolean {
  return JSON.stringify([a.rates, a.modifiers]) === JSON.stringify([b.rates, b.modifiers])
}

function newestOfPlaces(cards: readonly RateCard[]): readonly RateCard[] {
  const places = new Map<string, RateCard>()
  for (const card of cards) {
    const place = `${modelOf(card)} ${card.validFrom}`
    const known = places.get(place)
    if (known === undefined || known.recordedAt <= card.recordedAt) places.set(place, card)
  }
  return [...places.values()]
}

function since({ id: _id, ...draft }: RateCard, at: Millis): RateCard {
  return identified({ ...draft, validFrom: at })
}

function trusted({ id: _id, ...draft }: RateCard, confidence: RateSource['confidence']): RateCard {
  return identified({ ...draft, source: { ...draft.source, confidence } })
}

function modelOf(card: RateCard): string {
  return `${card.seller} ${card.model}`
}

function groupByModel(cards: readonly RateCard[]): Map<string, RateCard[]> {
  const groups = new Map<string, RateCard[]>()
  for (const card of cards) {
    const group = groups.get(modelOf(card))
    if (group === undefined) groups.set(modelOf(card), [card])
    else group.push(card)
  }
  return groups
}
