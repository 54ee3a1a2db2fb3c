import { createHash } from 'node:crypto'
import type { RateCard } from '../records.ts'

/** A card without its id: what the id is computed from. */
export type CardDraft = Omit<RateCard, 'id'>

/**
 * Gives a card its id: sha256 of its canonical JSON (keys sorted), so that the same facts have the same id wherever they are computed.
 * A retraction is knowledge about the card, not part of it, and does not change the id.
 */
export function identified(draft: CardDraft): RateCard {
  const { retractedAt, ...facts } = draft
  return { id: createHash('sha256').update(canonicalJson(facts)).digest('hex'), ...facts, retractedAt }
}

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`
}
