import type { Database } from 'better-sqlite3'
import { LEDGER } from './migrations/0001-ledger.ts'
import { KEYS_AND_AUDIT } from './migrations/0002-keys-and-audit.ts'
import { RATES } from './migrations/0003-rates.ts'
import { JOURNAL_COLUMNS } from './migrations/0004-journal-columns.ts'
import { BUDGETS } from './migrations/0005-budgets.ts'
import { WALLETS } from './migrations/0006-wallets.ts'
import { BREAKERS } from './migrations/0007-breakers.ts'
import { ALERTS } from './migrations/0008-alerts.ts'
import { KEY_USES } from './migrations/0009-key-uses.ts'
import { DISCOUNTS } from './migrations/0010-discounts.ts'
import { EXHAUSTED_BUDGETS } from './migrations/0011-exhausted-budgets.ts'
import { COUNTED_TIMES } from './migrations/0012-counted-times.ts'
import { DOCUMENTS } from './migrations/0013-documents.ts'

/** In order; a released one is never changed, only followed. */
export const MIGRATIONS: readonly string[] = [
  LEDGER,
  KEYS_AND_AUDIT,
  RATES,
  JOURNAL_COLUMNS,
  BUDGETS,
  WALLETS,
  BREAKERS,
  ALERTS,
  KEY_USES,
  DISCOUNTS,
  EXHAUSTED_BUDGETS,
  COUNTED_TIMES,
  DOCUMENTS,
]

/**
 * Brings the tables up to this program's version, all missing steps in one transaction; forward only. Doing it again changes nothing.
 * Throws when a newer program has written here, before anything is touched.
 */
export function migrate(database: Database, migrations: readonly string[] = MIGRATIONS): void {
  database
    .transaction(() => {
      const version = Number(database.pragma('user_version', { simple: true }))
      if (version > migrations.length) {
        throw new Error(
          `the data folder was written by a newer Purser (schema ${version}, this program knows ${migrations.length}); run that version`,
        )
      }
      for (const step of migrations.slice(version)) database.exec(step)
      database.pragma(`user_version = ${migrations.length}`)
    })
    .immediate()
}
