import { describe, it } from 'vitest'
import { newTestDatabase, postgresSkipReason } from '../../../../conformance/postgres/test-database.ts'
import { documentStoreSuite } from '../../ledger/documents/store-suite.ts'
import { openPostgres } from './open.ts'

const skipReason = await postgresSkipReason()

if (skipReason === null) {
  documentStoreSuite('PostgreSQL', async () => {
    const database = await newTestDatabase()
    const stores = await openPostgres(database)
    return {
      store: stores.documents,
      audit: stores.audit,
      close: async () => {
        await stores.close()
        await database.drop()
      },
    }
  })
} else describe.skip(`document store: PostgreSQL ${skipReason}`, () => it('runs', () => undefined))
