import { type CardBook, createCardBook } from './book/book.ts'
import type { RateCard } from './records.ts'
import { rankOf } from './select/layers.ts'

const LIST_BOOKS = new WeakMap<CardBook, CardBook>()

/** Whether a card is a public price: neither an organization's own nor a contract's. */
export function isListed(card: RateCard): boolean {
  return rankOf(card) > 1
}

/** The same book as everybody sees it, without organizations' own rates and contracts: what a usage costs by the price list. Made once per book. */
export function listBook(book: CardBook): CardBook {
  const known = LIST_BOOKS.get(book)
  if (known !== undefined) return known
  const listed = book.cards.every(isListed) ? book : createCardBook({ cards: book.cards.filter(isListed), aliases: book.aliases })
  LIST_BOOKS.set(book, listed)
  return listed
}
