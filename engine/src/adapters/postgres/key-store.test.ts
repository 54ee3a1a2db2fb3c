import postgres from 'postgres'
import { describe, it } from 'vitest'
import { newTestDatabase, postgresSkipReason } from '../../../../conformance/postgres/test-database.ts'
import { keyStoreSuite } from '../../ledger/key-store-suite.ts'
import { openPostgres } from './index.ts'

const skipReason = await postgresSkipReason()

if (skipReason === null) {
  keyStoreSuite('PostgreSQL', async () => {
    const database = await newTestDatabase()
    return {
      open: () => openPostgres(database),
      forge: async (statement) => {
        const forger = postgres(database.url, { max: 1, onnotice: () => {}, connection: { search_path: 'purser' } })
        await forger.unsafe(statement)
        await forger.end()
      },
      remove: () => database.drop(),
    }
  })
} else describe.skip(`keys and audit: PostgreSQL ${skipReason}`, () => it('runs', () => undefined))
