import type { Millis } from '../../kernel/index.ts'
import { identified } from '../book/card-id.ts'
import type { RateCard } from '../records.ts'
import { gate, unlisted, type Verdict } from './gate.ts'

/** What a newly fetched table changes. */
export interface FeedOutcome {
  readonly publish: readonly RateCard[]
  readonly hold: readonly { readonly card: RateCard; readonly verdict: Verdict }[]
  /** Cards that the table still has and that were found to be wrong. They stay retracted until the table says something else. */
  readonly retracted: readonly RateCard[]
  /** Cards of models that the table no longer has, kept and marked. */
  readonly unlisted: readonly RateCard[]
}

/**
 * Puts a whole table through the gate. `own` are all cards that this table gave before, retracted ones among them, `witnesses` those of other tables.
 * Cards that say what is known already are neither published nor held, and what was retracted is not published again. A changed rate of a card
 * without a date holds from `at` on, when it was first seen: the table does not say since when, and what was billed until then was right when it was billed.
 */
export function gateFeed(
  candidates: readonly RateCard[],
  own: readonly RateCard[],
  witnesses: readonly RateCard[],
  at: Millis,
): FeedOutcome {
  const current = newestOfPlaces(own.filter((card) => card.retractedAt === null))
  const before = groupByModel(current)
  const wrong = groupByModel(own.filter((card) => card.retractedAt !== null))
  const others = groupByModel(witnesses)
  const outcome = { publish: [] as RateCard[], hold: [] as { card: RateCard; verdict: Verdict }[], retracted: [] as RateCard[] }
  for (const candidate of candidates) {
    const known = knownBefore(candidate, before.get(modelOf(candidate)) ?? [], at)
    if (known !== null && saysTheSame(known, candidate)) continue
    if (wrong.get(modelOf(candidate))?.some((card) => isSameStatement(card, candidate)) === true) {
      outcome.retracted.push(candidate)
      continue
    }
    const card = known !== null && isUndated(candidate) ? since(candidate, at) : candidate
    const verdict = gate(card, known, others.get(modelOf(card)) ?? [])
    if (verdict.decision === 'publish') outcome.publish.push(verdict.confidence === 'single' ? card : corroborated(card))
    else outcome.hold.push({ card, verdict })
  }
  const present = new Set(candidates.map(modelOf))
  const gone = current.filter((card) => !present.has(modelOf(card)) && card.status !== 'unlisted')
  return { ...outcome, unlisted: gone.map((card) => unlisted(card, at)) }
}

/** What the table said until now of the time that a candidate is about: for one without a date, its latest word. */
function knownBefore(candidate: RateCard, cards: readonly RateCard[], at: Millis): RateCard | null {
  const spoken = isUndated(candidate)
    ? cards.filter((card) => card.validFrom <= at)
    : cards.filter((card) => card.validFrom === candidate.validFrom)
  return spoken.reduce<RateCard | null>((best, card) => (best === null || isLater(card, best) ? card : best), null)
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

/** A card without a date has been given one of ours, when its rates were first seen. */
function isSameStatement(wrong: RateCard, candidate: RateCard): boolean {
  return (isUndated(candidate) || wrong.validFrom === candidate.validFrom) && saysTheSame(wrong, candidate)
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

function corroborated({ id: _id, ...draft }: RateCard): RateCard {
  return identified({ ...draft, source: { ...draft.source, confidence: 'corroborated' } })
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
