import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { documentStoreSuite } from '../../../ledger/documents/store-suite.ts'
import { openSqlite } from '../open.ts'

documentStoreSuite('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-documents-'))
  const stores = openSqlite({ folder })
  return {
    store: stores.documents,
    audit: stores.audit,
    close: async () => {
      await stores.close()
      rmSync(folder, { recursive: true })
    },
  }
})
