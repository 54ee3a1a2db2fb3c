import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rateStoreSuite } from '../../pricing/rate-store-suite.ts'
import { openSqlite } from './open.ts'

rateStoreSuite('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-rates-'))
  return {
    open: async () => {
      const { rates, audit, close } = openSqlite({ folder })
      return { rates, audits: async () => (await audit.auditTrail(null, 0, 100)).length, close }
    },
    remove: async () => rmSync(folder, { recursive: true }),
  }
})
