import type { Millis } from '../../kernel/index.ts'
import type { RateCard } from '../records.ts'
import { gate, unlisted, type Verdict } from './gate.ts'

/** What a newly fetched table changes. */
export interface FeedOutcome {
  readonly publish: readonly RateCard[]
  readonly hold: readonly { readonly card: RateCard; readonly verdict: Verdict }[]
  /** Cards of models that the table no longer has, kept and marked. */
  readonly unlisted: readonly RateCard[]
}

/**
 * Puts a whole table through the gate. `current` are the cards that this table gave before, `witnesses` those of other tables. Cards
 * that say what is known already are neither published nor held.
 */
export function gateFeed(
  candidates: readonly RateCard[],
  current: readonly RateCard[],
  witnesses: readonly RateCard[],
  at: Millis,
): FeedOutcome {
  const before = new Map(current.map((card) => [placeOf(card), card]))
  const others = groupByModel(witnesses)
  const publish: RateCard[] = []
  const hold: { card: RateCard; verdict: Verdict }[] = []
  for (const candidate of candidates) {
    const known = before.get(placeOf(candidate)) ?? null
    if (known !== null && JSON.stringify([known.rates, known.modifiers]) === JSON.stringify([candidate.rates, candidate.modifiers]))
      continue
    const verdict = gate(candidate, known, others.get(modelOf(candidate)) ?? [])
    if (verdict.decision === 'publish') publish.push(verdict.confidence === 'single' ? candidate : corroborated(candidate))
    else hold.push({ card: candidate, verdict })
  }
  const present = new Set(candidates.map(modelOf))
  const gone = current.filter((card) => !present.has(modelOf(card)) && card.status !== 'unlisted')
  return { publish, hold, unlisted: gone.map((card) => unlisted(card, at)) }
}

function corroborated(card: RateCard): RateCard {
  return { ...card, source: { ...card.source, confidence: 'corroborated' } }
}

function modelOf(card: RateCard): string {
  return `${card.seller} ${card.model}`
}

function placeOf(card: RateCard): string {
  return `${modelOf(card)} ${card.validFrom}`
}

function groupByModel(cards: readonly RateCard[]): Map<string, RateCard[]> {
  const groups = new Map<string, RateCard[]>()
  for (const card of cards) groups.set(modelOf(card), [...(groups.get(modelOf(card)) ?? []), card])
  return groups
}
