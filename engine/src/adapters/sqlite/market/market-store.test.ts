import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { marketStoreSuite } from '../../../ledger/market/store-suite.ts'
import { openSqlite } from '../open.ts'

marketStoreSuite('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-market-'))
  const stores = openSqlite({ folder })
  return {
    store: stores.market,
    close: async () => {
      await stores.close()
      rmSync(folder, { recursive: true })
    },
  }
})
