import { hash } from 'node:crypto'
import type { RateCard } from '../records.ts'

/** A card without its id: what the id is computed from. */
export type CardDraft = Omit<RateCard, 'id'>

/**
 * Gives a card its id: sha256 of its canonical JSON (keys sorted), so that the same facts have the same id wherever they are computed.
 * A retraction is knowledge about the card, not part of it, and does not change the id.
 */
export function identified(draft: CardDraft): RateCard {
  const { retractedAt, ...facts } = draft
  return { id: hash('sha256', canonicalJson(facts)), ...facts, retractedAt }
}

const PLAIN = /^[\w .,:;@/+()=-]*$/
/** Frozen objects cannot change, so their text is written once; cards of one table share their source and conditions. */
const written = new WeakMap<object, string>()

/** JSON with sorted keys and without absent fields. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const known = written.get(value)
  if (known !== undefined) return known
  const text = Array.isArray(value) ? arrayText(value) : objectText(value as Readonly<Record<string, unknown>>)
  if (Object.isFrozen(value)) written.set(value, text)
  return text
}

function arrayText(items: readonly unknown[]): string {
  let text = '['
  for (const item of items) text += text === '[' ? canonicalJson(item) : `,${canonicalJson(item)}`
  return `${text}]`
}

function objectText(fields: Readonly<Record<string, unknown>>): string {
  let text = '{'
  for (const key of Object.keys(fields).sort()) {
    const field = fields[key]
    if (field === undefined) continue
    text += text === '{' ? `"${key}":${canonicalJson(field)}` : `,"${key}":${canonicalJson(field)}`
  }
  return `${text}}`
}
