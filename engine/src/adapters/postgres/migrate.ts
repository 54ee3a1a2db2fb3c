import type { Sql } from 'postgres'
import { LEDGER } from './migrations/0001-ledger.ts'
import { BUDGETS } from './migrations/0002-budgets.ts'
import { KEYS_AND_AUDIT } from './migrations/0003-keys-and-audit.ts'
import { RATES } from './migrations/0004-rates.ts'
import { WALLETS } from './migrations/0005-wallets.ts'
import { ALERTS } from './migrations/0006-alerts.ts'
import { KEYS_AND_DISCOUNTS } from './migrations/0007-keys-and-discounts.ts'
import { BREAKERS } from './migrations/0008-breakers.ts'
import { EXHAUSTED_BUDGETS } from './migrations/0009-exhausted-budgets.ts'
import { COUNTED_TIMES } from './migrations/0010-counted-times.ts'
import { INSTALLATION } from './migrations/0011-installation.ts'
import { DOCUMENTS } from './migrations/0012-documents.ts'
import { DOCUMENTS_VERSION } from './migrations/0013-documents-version.ts'

/** In order; a released one is never changed, only followed. */
const MIGRATIONS: readonly string[] = [
  LEDGER,
  BUDGETS,
  KEYS_AND_AUDIT,
  RATES,
  WALLETS,
  ALERTS,
  KEYS_AND_DISCOUNTS,
  BREAKERS,
  EXHAUSTED_BUDGETS,
  COUNTED_TIMES,
  INSTALLATION,
  DOCUMENTS,
  DOCUMENTS_VERSION,
]

/** Any number that no other program in the database uses to lock with. */
const MIGRATION_LOCK = '7021976153204117'

/**
 * Brings the schema `purser` up to this program's version, all missing steps in one transaction; forward only. Nodes that start at once take
 * turns. Throws when a newer program has written here, before anything is touched.
 */
export async function migrate(sql: Sql, migrations: readonly string[] = MIGRATIONS): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction.unsafe(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    await transaction.unsafe('CREATE SCHEMA IF NOT EXISTS purser')
    await transaction.unsafe('CREATE TABLE IF NOT EXISTS purser.schema_version (version INTEGER NOT NULL)')
    const [row] = await transaction.unsafe<{ version: number }[]>('SELECT version FROM purser.schema_version')
    const version = row?.version ?? 0
    if (version > migrations.length) {
      throw new Error(
        `the database was written by a newer Purser (schema ${version}, this program knows ${migrations.length}); run that version`,
      )
    }
    if (version === migrations.length) return
    for (const step of migrations.slice(version)) await transaction.unsafe(step)
    await transaction.unsafe('DELETE FROM purser.schema_version')
    await transaction.unsafe(`INSERT INTO purser.schema_version VALUES (${migrations.length})`)
  })
}
