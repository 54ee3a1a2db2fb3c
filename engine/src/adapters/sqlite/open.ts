import { randomBytes } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import type { AlertStore } from '../../alerts/index.ts'
import type { RandomBytes } from '../../kernel/index.ts'
import type { AuditStore, DocumentStore, KeyStore, LedgerStore, MarketStore } from '../../ledger/index.ts'
import type { DiscountStore, RateStore } from '../../pricing/index.ts'
import { sqliteAlertStore } from './alerts/alert-store.ts'
import { sqliteAuditStore } from './audit-store.ts'
import { checkpointer } from './checkpoint.ts'
import { sqliteDocumentStore } from './documents/document-store.ts'
import { lockFolder } from './folder-lock.ts'
import type { HashSecret } from './ids/id-key.ts'
import { sqliteKeyStore } from './key-store.ts'
import { sqliteLedgerStore } from './ledger-store.ts'
import { sqliteDiscountStore } from './market/discount-store.ts'
import { sqliteMarketStore } from './market/market-store.ts'
import { migrate } from './migrate.ts'
import { ledgerPath, openWriter } from './open-database.ts'
import { sqliteRateStore } from './rate-store.ts'

/** All that the embedded database holds. Closing any of it closes the whole; close the committer first. */
export interface SqliteStores {
  readonly ledger: LedgerStore
  readonly keys: KeyStore
  readonly audit: AuditStore
  readonly rates: RateStore
  readonly discounts: DiscountStore
  readonly alerts: AlertStore
  readonly market: MarketStore
  readonly documents: DocumentStore
  /** 32 bytes, drawn when the database was made. */
  readonly fingerprintKey: Uint8Array
  /** The ledger's file, for `openJournalReader`. */
  readonly path: string
  close(): Promise<void>
}

/**
 * Opens the data folder for this process alone, makes or migrates its tables, and gives the stores in it. Throws `FolderInUseError`
 * when another process has it, and when a newer program has written it.
 */
export function openSqlite(options: { readonly folder: string; readonly randomBytes?: RandomBytes }): SqliteStores {
  const lock = lockFolder(options.folder)
  const path = ledgerPath(options.folder)
  let database: Database | null = null
  try {
    database = openWriter(path)
    migrate(database)
    return storesOf(database, path, options.randomBytes ?? randomBytes, () => lock.release())
  } catch (error) {
    database?.close()
    lock.release()
    throw error
  }
}

function storesOf(database: Database, path: string, random: RandomBytes, release: () => void): SqliteStores {
  const checkpoints = checkpointer(database)
  const audit = sqliteAuditStore(database)
  const close = (): void => {
    checkpoints.close()
    if (database.open) database.close()
    release()
  }
  const ledger = sqliteLedgerStore({
    database,
    secret: hashSecret(database, random),
    checkpointer: checkpoints,
    appendAudit: audit.append,
    close,
  })
  return {
    ledger,
    keys: sqliteKeyStore(database, audit.append),
    audit,
    rates: sqliteRateStore(database, audit.append),
    discounts: sqliteDiscountStore(database, audit.append),
    alerts: sqliteAlertStore(database, audit.append),
    market: sqliteMarketStore(database, audit.append),
    documents: sqliteDocumentStore(database, audit.append),
    fingerprintKey: drawnOnce(database, 'fingerprint_key', random(32)),
    path,
    close: () => ledger.close(),
  }
}

function hashSecret(database: Database, random: RandomBytes): HashSecret {
  const bytes = drawnOnce(database, 'id_hash_secret', random(8))
  return [bytes.readInt32LE(0), bytes.readInt32LE(4)]
}

/** What was drawn first under a name in this database. It is no secret from whoever can read the file, only from those who make requests. */
function drawnOnce(database: Database, name: string, drawn: Uint8Array): Buffer {
  const text = Buffer.from(drawn).toString('hex')
  database.prepare('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING').run(name, text)
  const kept = database.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck().get(name) ?? text
  return Buffer.from(kept, 'hex')
}
