import type { Millis } from '../../kernel/index.ts'
import type { RateCard } from '../records.ts'

/**
 * Cards in the order in which they are asked for a rate. Groups outrank each other as a whole: the organization's own rates and contracts, then
 * what the vendor states, then each public table in turn. Inside a group the card that began last speaks, and hides the older ones of its source.
 */
export type Layers = readonly (readonly RateCard[])[]

const FEED_ORDER = ['genai-prices', 'litellm', 'models.dev']

/** Cards that are valid at a usage time and known (recorded, not retracted) at a knowledge time, grouped by rank. */
export function layersOf(cards: readonly RateCard[], at: Millis, knownAt: Millis): Layers {
  const spoken = new Map<string, RateCard>()
  for (const card of cards) {
    if (card.validFrom > at || (card.validTo !== null && card.validTo <= at)) continue
    if (card.recordedAt > knownAt || (card.retractedAt !== null && card.retractedAt <= knownAt)) continue
    const voice = `${rankOf(card)} ${card.model === '*' ? '*' : ''} ${card.seller} ${sourceName(card)}`
    const current = spoken.get(voice)
    if (current === undefined || outdates(card, current)) spoken.set(voice, card)
  }
  const groups = new Map<number, RateCard[]>()
  for (const card of spoken.values()) groups.set(rankOf(card), [...(groups.get(rankOf(card)) ?? []), card])
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([, group]) => group.sort(specificFirst))
}

/** 0 is asked first. */
export function rankOf(card: RateCard): number {
  if (card.organization !== null) return 0
  if (card.source.kind === 'contract') return 1
  if (card.source.kind === 'vendor-doc' || card.source.kind === 'manual') return 2
  if (card.source.kind === 'observed') return 20
  const feed = FEED_ORDER.indexOf(sourceName(card))
  return feed === -1 ? 10 : 3 + feed
}

/** A source's name without its version: `genai-prices@0.1.8` and `genai-prices@0.1.9` are one voice. An organization speaks with one voice. */
function sourceName(card: RateCard): string {
  return card.organization !== null
    ? card.organization
    : card.source.kind === 'feed'
      ? card.source.ref.replace(/@.*$/, '')
      : card.source.kind
}

function outdates(card: RateCard, current: RateCard): boolean {
  if (card.validFrom !== current.validFrom) return card.validFrom > current.validFrom
  if (card.recordedAt !== current.recordedAt) return card.recordedAt > current.recordedAt
  return card.id > current.id
}

function specificFirst(a: RateCard, b: RateCard): number {
  const wide = Number(a.model === '*') - Number(b.model === '*')
  if (wide !== 0) return wide
  // A rate that an organization filed for one seller comes before one it filed for any.
  const any = Number(a.seller === '*') - Number(b.seller === '*')
  return any !== 0 ? any : a.id < b.id ? -1 : 1
}
