import { describe, it } from 'vitest'
import { newTestDatabase, postgresSkipReason } from '../../../../conformance/postgres/test-database.ts'
import { marketStoreSuite } from '../../ledger/market/store-suite.ts'
import { openPostgres } from './open.ts'

const skipReason = await postgresSkipReason()

if (skipReason === null) {
  marketStoreSuite('PostgreSQL', async () => {
    const database = await newTestDatabase()
    const stores = await openPostgres(database)
    return {
      store: stores.market,
      close: async () => {
        await stores.close()
        await database.drop()
      },
    }
  })
} else describe.skip(`market store: PostgreSQL ${skipReason}`, () => it('runs', () => undefined))
