import type { Database } from 'better-sqlite3'
import { assert, type Millis } from '../../kernel/index.ts'
import type { AuditDraft, AuditEntry } from '../../ledger/index.ts'
import type { FxRate, RateCard, RateChange, RateStore } from '../../pricing/index.ts'

interface CardRow {
  readonly retracted_at: number | null
  readonly body: string
}

/** Rates on SQLite. A card's body never changes; its retraction is a column of its own. Each change is written together with its audit entry. */
export function sqliteRateStore(database: Database, appendAudit: (entry: AuditDraft) => AuditEntry): RateStore {
  const insert = database.prepare<[string, string | null, string, string, number, number | null, string]>(
    'INSERT INTO rate_cards VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  )
  const retract = database.prepare<[number, string]>('UPDATE rate_cards SET retracted_at = ? WHERE id = ? AND retracted_at IS NULL')
  const byId = database.prepare<[string], CardRow>('SELECT * FROM rate_cards WHERE id = ?')
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
  const keep = (card: RateCard): void => {
    insert.run(card.id, card.organization, card.seller, card.model, card.recordedAt, card.retractedAt, JSON.stringify(card))
  }
  const insertAll = database.transaction((cards: readonly RateCard[], change: RateChange) => {
    for (const card of cards) keep(card)
    appendAudit(change)
  })
  const insertAllFx = database.transaction((rates: readonly FxRate[], change: RateChange) => {
    for (const rate of rates) insertFx.run(JSON.stringify(rate))
    appendAudit(change)
  })
  const keepRetracted = database.transaction((card: RateCard, at: Millis, change: RateChange): RateCard => {
    keep(card)
    if (retract.run(at, card.id).changes > 0) appendAudit(change)
    const row = byId.get(card.id)
    assert(row !== undefined, 'a card that was kept is there')
    return cardOf(row)
  })
  return {
    appendCards: async (cards, change) => insertAll.immediate(cards, change),
    retractCard: async (card, at, change) => keepRetracted.immediate(card, at, change),
    listCards: async (organization) => list.all(organization).map(cardOf),
    cardHistory: async (organization, seller, model) => history.all(organization, seller, model).map(cardOf),
    organizationsWithRates: async () => organizations.all(),
    appendFxRates: async (rates, change) => insertAllFx.immediate(rates, change),
    listFxRates: async () => listFx.all().map((body) => JSON.parse(body) as FxRate),
  }
}

function cardOf(row: CardRow): RateCard {
  return { ...(JSON.parse(row.body) as RateCard), retractedAt: row.retracted_at }
}
