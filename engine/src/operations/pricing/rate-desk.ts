import type { Millis } from '../../kernel/index.ts'
import {
  type CardBook,
  type Charge,
  createCardBook,
  type FxRate,
  type FxTable,
  fxTable,
  price,
  type RateCard,
  type RateStore,
  resolveModel,
} from '../../pricing/index.ts'
import type { Usage } from '../../usage/index.ts'

/**
 * The rates in force: an immutable book, replaced as a whole after the store has committed a change, so that the next call is priced by it
 * and a call that is being priced keeps the one it began with.
 */
export interface RateDesk {
  readonly book: () => CardBook
  readonly fx: () => FxTable
  price(usage: Usage, organization: string | null, knownAt: Millis): Charge
  /** Who sells a model, by the catalog's id; the spelling given where it is not known. */
  sellerOf(provider: string, model: string, at: Millis): string
  cards(ids: readonly string[]): RateCard[]
  addCards(cards: readonly RateCard[]): Promise<void>
  addFx(rates: readonly FxRate[]): Promise<void>
  listFx(): readonly FxRate[]
}

const SELLERS_KEPT_MAX = 10_000

/** Bundled catalog and stored rates as one book. Without a store (a price asked on the command line) nothing can be added. */
export async function openRateDesk(catalog: CardBook, store: RateStore | null): Promise<RateDesk> {
  let cards = new Map(catalog.cards.map((card) => [card.id, card]))
  for (const card of store === null ? [] : await allCards(store)) cards.set(card.id, card)
  let rates: readonly FxRate[] = store === null ? [] : await store.listFxRates()
  let book = cards.size === catalog.cards.length ? catalog : createCardBook({ cards: [...cards.values()], aliases: catalog.aliases })
  let fx = fxTable(rates)
  const sellers = new Map<string, string>()
  return {
    book: () => book,
    fx: () => fx,
    price: (usage, organization, knownAt) => price(usage, book, { organization, knownAt, fx }),
    sellerOf(provider, model, at) {
      const key = `${provider}\n${model}`
      const known = sellers.get(key)
      if (known !== undefined) return known
      const { seller } = resolveModel(book, provider, model, at)
      if (sellers.size >= SELLERS_KEPT_MAX) sellers.clear()
      sellers.set(key, seller)
      return seller
    },
    cards: (ids) => ids.flatMap((id) => cards.get(id) ?? []),
    async addCards(more) {
      await store?.appendCards(more)
      cards = new Map([...cards, ...more.map((card): [string, RateCard] => [card.id, card])])
      book = createCardBook({ cards: [...cards.values()], aliases: catalog.aliases })
      sellers.clear()
    },
    async addFx(more) {
      await store?.appendFxRates(more)
      rates = [...rates, ...more]
      fx = fxTable(rates)
    },
    listFx: () => rates,
  }
}

/** Public cards from feeds, and those that organizations have set. */
async function allCards(store: RateStore): Promise<RateCard[]> {
  const cards = new Map<string, RateCard>()
  for (const organization of [null, ...(await store.organizationsWithRates())]) {
    for (const card of await store.listCards(organization)) cards.set(card.id, card)
  }
  return [...cards.values()]
}
