import type { Unmapped } from '../feeds/feed.ts'
import type { ModelAlias, Modifier, Rate, RateCard, RateSource } from '../records.ts'

/**
 * The bundled table as it is stored: cards as the reader of the public table made them, each with its id, without what is the same for all.
 * Reading the table and hashing its cards is done once when it is taken, not at every start of the program; `engine/catalog/vendor.ts` writes this.
 */
export interface TableCards {
  readonly notice: string
  readonly source: RateSource
  /** Price-like fields of the table that no meter takes. */
  readonly unmapped: readonly Unmapped[]
  readonly aliases: readonly Pick<ModelAlias, 'seller' | 'name' | 'match' | 'model'>[]
  readonly cards: readonly TableCard[]
}

export type TableCard = Pick<RateCard, 'id' | 'seller' | 'model' | 'validFrom' | 'validTo' | 'recordedAt' | 'status'> & {
  readonly rates: readonly Rate[]
}

/** Cards and names of the stored table. All cards are public, in US dollars and of one source. */
export function cardsOfTable(table: TableCards): { cards: readonly RateCard[]; aliases: readonly ModelAlias[] } {
  const source = Object.freeze(table.source)
  return {
    cards: table.cards.map((card) => cardOf(card, source)),
    aliases: table.aliases.map(({ seller, name, match, model }) => ({ seller, name, match, model, validFrom: 0, validTo: null })),
  }
}

const NO_MODIFIERS: readonly Modifier[] = Object.freeze([])

function cardOf(card: TableCard, source: RateSource): RateCard {
  return {
    id: card.id,
    organization: null,
    seller: card.seller,
    model: card.model,
    currency: 'USD',
    validFrom: card.validFrom,
    validTo: card.validTo,
    recordedAt: card.recordedAt,
    status: card.status,
    rates: card.rates,
    modifiers: NO_MODIFIERS,
    source,
    retractedAt: null,
  }
}
