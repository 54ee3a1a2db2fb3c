import type { Database } from 'better-sqlite3'
import { fail, ok, refusal } from '../../kernel/index.ts'
import type { FxRate, RateCard, RateStore } from '../../pricing/index.ts'

interface CardRow {
  readonly retracted_at: number | null
  readonly body: string
}

/** Rates on SQLite. A card's body never changes; its retraction is a column of its own. */
export function sqliteRateStore(database: Database): RateStore {
  const insert = database.prepare<[string, string | null, string, string, number, number | null, string]>(
    'INSERT INTO rate_cards VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  )
  const retract = database.prepare<[number, string]>('UPDATE rate_cards SET retracted_at = ? WHERE id = ? AND retracted_at IS NULL')
  const inReach = database.prepare<[string, string | null], CardRow>('SELECT * FROM rate_cards WHERE id = ? AND organization IS ?')
  const list = database.prepare<[string | null], CardRow>(
    'SELECT * FROM rate_cards WHERE organization IS NULL OR organization = ? ORDER BY recorded_at, id',
  )
  const history = database.prepare<[string | null, string, string], CardRow>(
    `SELECT * FROM rate_cards WHERE (organization IS NULL OR organization = ?) AND seller = ? AND model = ? ORDER BY recorded_at, id`,
  )
  const organizations = database
    .prepare<[], string>('SELECT DISTINCT organization FROM rate_cards WHERE organization IS NOT NULL ORDER BY organization')
    .pluck()
  const insertFx = database.prepare<[string]>('INSERT INTO fx_rates (body) VALUES (?)')
  const listFx = database.prepare<[], string>('SELECT body FROM fx_rates ORDER BY seq').pluck()
  const insertAll = database.transaction((cards: readonly RateCard[]) => {
    for (const card of cards) {
      insert.run(card.id, card.organization, card.seller, card.model, card.recordedAt, card.retractedAt, JSON.stringify(card))
    }
  })
  const insertAllFx = database.transaction((rates: readonly FxRate[]) => {
    for (const rate of rates) insertFx.run(JSON.stringify(rate))
  })
  return {
    appendCards: async (cards) => insertAll.immediate(cards),
    retractCard: async (organization, cardId, at) => {
      retract.run(at, inReach.get(cardId, organization) === undefined ? '' : cardId)
      const row = inReach.get(cardId, organization)
      return row === undefined ? fail(refusal('not_found', `there is no rate card "${cardId}" here`)) : ok(cardOf(row))
    },
    listCards: async (organization) => list.all(organization).map(cardOf),
    cardHistory: async (organization, seller, model) => history.all(organization, seller, model).map(cardOf),
    organizationsWithRates: async () => organizations.all(),
    appendFxRates: async (rates) => insertAllFx.immediate(rates),
    listFxRates: async () => listFx.all().map((body) => JSON.parse(body) as FxRate),
  }
}

function cardOf(row: CardRow): RateCard {
  return { ...(JSON.parse(row.body) as RateCard), retractedAt: row.retracted_at }
}
