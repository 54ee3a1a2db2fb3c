import type { Millis } from '../../kernel/index.ts'
import type { ModelAlias, RateCard } from '../records.ts'

/** All cards and names that prices are read from: immutable, so that a price computed twice is the same. A change makes another book. */
export interface CardBook {
  readonly cards: readonly RateCard[]
  readonly aliases: readonly ModelAlias[]
  readonly index: BookIndex
}

export interface BookIndex {
  /** Public cards by seller, then model. */
  readonly bySeller: ReadonlyMap<string, ReadonlyMap<string, readonly RateCard[]>>
  /** An organization's own cards by organization, then model; their seller may be `*`. */
  readonly byOrganization: ReadonlyMap<string, ReadonlyMap<string, readonly RateCard[]>>
  /** Our dated pointers by seller, then name; they come before a card of the same name. */
  readonly pointers: ReadonlyMap<string, ReadonlyMap<string, readonly ModelAlias[]>>
  /** Prefix aliases by seller, longest first. */
  readonly prefixes: ReadonlyMap<string, readonly ModelAlias[]>
}

/** Builds a book. Cards and aliases may come in any order; the book does not depend on it. */
export function createCardBook(contents: { cards: readonly RateCard[]; aliases?: readonly ModelAlias[] }): CardBook {
  const aliases = contents.aliases ?? []
  const bySeller = new Map<string, Map<string, RateCard[]>>()
  const byOrganization = new Map<string, Map<string, RateCard[]>>()
  for (const card of contents.cards) {
    const models = card.organization === null ? within(bySeller, card.seller) : within(byOrganization, card.organization)
    append(models, card.model, card)
  }
  const pointers = new Map<string, Map<string, ModelAlias[]>>()
  const prefixes = new Map<string, ModelAlias[]>()
  for (const alias of aliases) {
    if (alias.match === 'equals') append(within(pointers, alias.seller), alias.name, alias)
    else append(prefixes, alias.seller, alias)
  }
  for (const list of prefixes.values()) list.sort((a, b) => b.name.length - a.name.length || (a.name < b.name ? -1 : 1))
  return { cards: contents.cards, aliases, index: { bySeller, byOrganization, pointers, prefixes } }
}

/** Cards that hold at a time, as known at a time: what `rate cards` counts wherever they are counted. */
export function cardsInForce(book: CardBook, at: Millis, knownAt: Millis): RateCard[] {
  return book.cards.filter(
    (card) =>
      card.validFrom <= at &&
      (card.validTo === null || at < card.validTo) &&
      card.recordedAt <= knownAt &&
      (card.retractedAt === null || knownAt < card.retractedAt),
  )
}

/** A book in which a card is known to be wrong from `at` on. Prices read with an earlier knowledge time still use it. */
export function withRetraction(book: CardBook, cardId: string, at: Millis): CardBook {
  const cards = book.cards.map((card) => (card.id === cardId && card.retractedAt === null ? { ...card, retractedAt: at } : card))
  return createCardBook({ cards, aliases: book.aliases })
}

function within<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const found = maps.get(key)
  if (found !== undefined) return found
  const made = new Map<string, V>()
  maps.set(key, made)
  return made
}

function append<V>(lists: Map<string, V[]>, key: string, value: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
