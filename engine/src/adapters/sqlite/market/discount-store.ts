import type { Database } from 'better-sqlite3'
import type { AuditDraft, AuditEntry } from '../../../ledger/index.ts'
import type { DiscountStore, Discounts, RateChange } from '../../../pricing/index.ts'

/** Volume discounts on SQLite. They and the entry that says who declared them are written in one transaction. */
export function sqliteDiscountStore(database: Database, appendAudit: (entry: AuditDraft) => AuditEntry): DiscountStore {
  const put = database.prepare<[string, string]>(
    'INSERT INTO discounts VALUES (?, ?) ON CONFLICT (organization) DO UPDATE SET body = excluded.body',
  )
  const get = database.prepare<[string], string>('SELECT body FROM discounts WHERE organization = ?').pluck()
  const putWithAudit = database.transaction((discounts: Discounts, change: RateChange) => {
    put.run(discounts.organization, JSON.stringify(discounts))
    appendAudit(change)
  })
  return {
    putDiscounts: async (discounts, change) => putWithAudit.immediate(discounts, change),
    discounts: async (organization) => {
      const body = get.get(organization)
      return body === undefined ? null : (JSON.parse(body) as Discounts)
    },
  }
}
