import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { keyStoreSuite } from '../../ledger/key-store-suite.ts'
import { ledgerPath, openSqlite } from './index.ts'

keyStoreSuite('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-open-'))
  return {
    open: async () => openSqlite({ folder }),
    forge: async (statement) => {
      const forger = new Database(ledgerPath(folder))
      forger.exec(statement)
      forger.close()
    },
    remove: async () => rmSync(folder, { recursive: true }),
  }
})
