import { describe, it } from 'vitest'
import { newTestDatabase, postgresSkipReason } from '../../../../../conformance/postgres/test-database.ts'
import { alertStoreSuite } from '../../../alerts/store-suite.ts'
import { openPostgres } from '../open.ts'

const skipReason = await postgresSkipReason()

if (skipReason === null) {
  alertStoreSuite('postgres', async () => {
    const database = await newTestDatabase()
    const stores = await openPostgres(database)
    return {
      store: stores.alerts,
      audit: stores.audit,
      async close() {
        await stores.close()
        await database.drop()
      },
    }
  })
} else describe.skip(`alert store: postgres ${skipReason}`, () => it('runs', () => undefined))
