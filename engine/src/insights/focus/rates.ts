import {
  type CardBook,
  type Charge,
  type ChargeLine,
  type FxTable,
  isListed,
  listBook,
  type Modifier,
  price,
  type RateCard,
} from '../../pricing/index.ts'
import type { Usage } from '../../usage/index.ts'

/** What an export asks of pricing. */
export interface ExportRates {
  /** The card with an id; null where it is not known any more. */
  card(id: string): RateCard | null
  /** Whether a card is public, and so its price the list price. */
  isListed(card: RateCard): boolean
  /** Factors that a multiplier of this name has: on the line's own card, then on any other. */
  factorsOf(line: ChargeLine, modifier: string): readonly Modifier['factor'][]
  /** What the usage costs by public cards alone. */
  listCharge(usage: Usage, knownAt: Charge['knownAt']): Charge
}

/** The rates of a book, ready to be asked. */
export function exportRates(book: CardBook, fx: FxTable): ExportRates {
  const cards = new Map(book.cards.map((card) => [card.id, card]))
  const factors = new Map<string, Map<string, Modifier['factor']>>()
  for (const { modifiers } of book.cards) {
    for (const { id, factor } of modifiers) {
      const known = factors.get(id) ?? new Map<string, Modifier['factor']>()
      factors.set(id, known.set(`${factor.num}/${factor.den}`, factor))
    }
  }
  return {
    card: (id) => cards.get(id) ?? null,
    isListed,
    factorsOf(line, modifier) {
      const own = cards.get(line.cardId)?.modifiers.filter(({ id }) => id === modifier) ?? []
      return [...own.map(({ factor }) => factor), ...(factors.get(modifier)?.values() ?? [])]
    },
    listCharge: (usage, knownAt) => price(usage, listBook(book), { knownAt, fx, organization: null }),
  }
}
