import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alertStoreSuite } from '../../../alerts/store-suite.ts'
import { openSqlite } from '../open.ts'

alertStoreSuite('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-alerts-'))
  const stores = openSqlite({ folder })
  return {
    store: stores.alerts,
    audit: stores.audit,
    async close() {
      await stores.close()
      rmSync(folder, { recursive: true })
    },
  }
})
