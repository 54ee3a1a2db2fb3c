import { describe, it } from 'vitest'
import { newTestDatabase, postgresSkipReason } from '../../../../conformance/postgres/test-database.ts'
import { ledgerStoreSuite } from '../../ledger/store-suite.ts'
import { openPostgres } from './index.ts'

const skipReason = await postgresSkipReason()

if (skipReason === null) {
  ledgerStoreSuite('postgres', async () => {
    const database = await newTestDatabase()
    return {
      open: async () => (await openPostgres(database)).ledger,
      remove: () => database.drop(),
    }
  })
} else describe.skip(`ledger store: postgres ${skipReason}`, () => it('runs', () => undefined))
