import type { PriceUsageAs } from '../../../insights/index.ts'
import { assert } from '../../../kernel/index.ts'
import { type CardBook, createCardBook, organizationCard, price, type RateCard } from '../../../pricing/index.ts'
import type { Meter } from '../../../usage/index.ts'
import type { Services } from '../../context.ts'
import type { StatedRates } from './stated-changes.ts'

/** Prices as the ledger does, or with rates of a question's own in place of those in force. Nothing is kept of them afterwards. */
export function pricingWith({ rates: desk }: Pick<Services, 'rates'>, stated: ReadonlyMap<number, StatedRates>): PriceUsageAs {
  const book = desk.book()
  const fx = desk.fx()
  const books = new Map<string, CardBook>()
  const bookWith = (organization: string, places: readonly number[]): CardBook => {
    if (places.length === 0) return book
    const key = `${places.join(',')} ${organization}`
    const known = books.get(key)
    if (known !== undefined) return known
    const made = places.reduce((so, place) => withRates(so, organization, stated.get(place)), book)
    books.set(key, made)
    return made
  }
  return (usage, organization, knownAt, places) => price(usage, bookWith(organization, places), { organization, knownAt, fx })
}

/** Whether a card in force charges a meter otherwise above some number of tokens. Rates of a question's own do not. */
export function bracketsIn({ rates: desk }: Pick<Services, 'rates'>): (cardId: string, meter: Meter) => boolean {
  const known = new Map<string, RateCard | null>()
  return (cardId, meter) => {
    let card = known.get(cardId)
    if (card === undefined) {
      card = desk.cards([cardId])[0] ?? null
      known.set(cardId, card)
    }
    return card?.rates.some((rate) => rate.meter === meter && rate.when?.bracket !== undefined) === true
  }
}

/** The stated rates hold at every time. Of the organization's own cards for the model the other meters stay. */
function withRates(book: CardBook, organization: string, stated: StatedRates | undefined): CardBook {
  assert(stated !== undefined, 'a change of rates states them')
  const made = organizationCard({ ...stated, organization, setBy: 'what-if', at: 0 })
  assert(made.ok, 'the rates were checked when the question was read')
  const card = made.value
  const named = new Set(card.rates.map(({ meter }) => meter))
  const cards = book.cards.map((old): RateCard => {
    const isOfModel = old.model === card.model || old.model === `${card.seller}/${card.model}`
    if (old.organization !== organization || !isOfModel || (card.seller !== '*' && old.seller !== card.seller && old.seller !== '*'))
      return old
    return { ...old, id: `${old.id}+${card.id}`, rates: [...old.rates.filter(({ meter }) => !named.has(meter)), ...card.rates] }
  })
  return createCardBook({ cards: [...cards, card], aliases: book.aliases })
}
