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
  type RateChange,
  type RateStore,
  resolveModel,
  withRetraction,
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
  addCards(cards: readonly RateCard[], change: RateChange): Promise<void>
  /** The card as known from `at` on. A second retraction changes nothing. */
  retract(card: RateCard, at: Millis, change: RateChange): Promise<RateCard>
  addFx(rates: readonly FxRate[], change: RateChange): Promise<void>
  listFx(): readonly FxRate[]
  /** Reads all that is stored again: another node has changed rates. */
  reload(): Promise<void>
}

const SELLERS_KEPT_MAX = 10_000

/** Bundled catalog and stored rates as one book. Without a store (a price asked on the command line) nothing can be added. */
export async function openRateDesk(catalog: CardBook, store: RateStore | null): Promise<RateDesk> {
  let cards: Map<string, RateCard> = new Map()
  let rates: readonly FxRate[] = []
  let book = catalog
  let fx = fxTable(rates)
  const sellers = new Map<string, string>()
  const reload = async (): Promise<void> => {
    const [stored, storedRates] = store === null ? [[], []] : await Promise.all([allCards(store), store.listFxRates()])
    cards = new Map([...catalog.cards, ...stored].map((card) => [card.id, card]))
    book = stored.length === 0 ? catalog : createCardBook({ cards: [...cards.values()], aliases: catalog.aliases })
    rates = storedRates
    fx = fxTable(rates)
    sellers.clear()
  }
  await reload()
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
    async addCards(more, change) {
      await store?.appendCards(more, change)
      // What is known stays as it is, in the store as here: the same card once more does not undo its retraction.
      const unknown = more.filter((card) => !cards.has(card.id))
      cards = new Map([...cards, ...unknown.map((card): [string, RateCard] => [card.id, card])])
      book = createCardBook({ cards: [...cards.values()], aliases: catalog.aliases })
      sellers.clear()
    },
    async retract(card, at, change) {
      if (card.retractedAt !== null || store === null) return card
      // A card of the bundled catalog is not in the store yet; kept there, its retraction holds after a restart too.
      const retracted = await store.retractCard(card, at, change)
      cards = new Map(cards).set(card.id, retracted)
      book = withRetraction(book, card.id, retracted.retractedAt ?? at)
      sellers.clear()
      return retracted
    },
    async addFx(more, change) {
      await store?.appendFxRates(more, change)
      rates = [...rates, ...more]
      fx = fxTable(rates)
    },
    listFx: () => rates,
    reload,
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
