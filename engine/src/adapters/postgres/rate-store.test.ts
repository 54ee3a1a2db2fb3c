import { describe, it } from 'vitest'
import { newTestDatabase, postgresSkipReason } from '../../../../conformance/postgres/test-database.ts'
import { rateStoreSuite } from '../../pricing/rate-store-suite.ts'
import { openPostgres } from './open.ts'

const skipReason = await postgresSkipReason()

if (skipReason === null) {
  rateStoreSuite('PostgreSQL', async () => {
    const database = await newTestDatabase()
    return {
      open: async () => {
        const { rates, audit, close } = await openPostgres(database)
        return { rates, audits: async () => (await audit.auditTrail(null, 0, 100)).length, close }
      },
      remove: () => database.drop(),
    }
  })
} else describe.skip(`rate store: PostgreSQL ${skipReason}`, () => it('runs', () => undefined))
