import { lockFolder, openJournalReader, openSqlite } from './adapters/sqlite/index.ts'
import type { AlertStore } from './alerts/index.ts'
import type { JournalSource } from './calls/index.ts'
import type { RandomBytes } from './kernel/index.ts'
import type { AuditStore, DocumentStore, KeyStore, LedgerStore, MarketStore, Peers } from './ledger/index.ts'
import type { SeenNonces } from './operations/index.ts'
import type { DiscountStore, RateStore } from './pricing/index.ts'

/** The stores of the ledger, wherever they are. Closing any of it closes the whole; close the committer first. */
export interface Stores {
  readonly ledger: LedgerStore
  readonly keys: KeyStore
  readonly audit: AuditStore
  readonly rates: RateStore
  readonly market: MarketStore
  readonly documents: DocumentStore
  readonly discounts: DiscountStore
  readonly alerts: AlertStore
  /** 32 bytes that were drawn when the database was made: the key of the fingerprints that this installation makes. */
  readonly fingerprintKey: Uint8Array
  /** Other nodes may work on the same stores; null where this process is the only one. */
  readonly peers: Peers | null
  /** Nonces of signed requests that several nodes share; null where they are kept in memory. */
  readonly nonces: SeenNonces | null
  /** Where the journal is: for `openJournal`, also in another thread. It may hold a password. */
  readonly journal: string
  /** What a database is and where, for people, without its password; null for the data folder. */
  readonly about: string | null
  close(): Promise<void>
}

export interface StoresOptions {
  /** The data folder, taken for this process: the columnar store is in it, and the ledger where there is no other database. */
  readonly folder: string
  /** The PostgreSQL database of the ledger; null: SQLite in the folder. */
  readonly databaseUrl: string | null
  readonly randomBytes: RandomBytes
}

/** Opens the stores. Throws `FolderInUseError`, and what the stores throw. */
export async function openStores({ folder, databaseUrl, randomBytes }: StoresOptions): Promise<Stores> {
  if (databaseUrl === null) {
    const stores = openSqlite({ folder, randomBytes })
    return { ...stores, peers: null, nonces: null, journal: stores.path, about: null }
  }
  const lock = lockFolder(folder)
  try {
    const { openPostgres } = await import('./adapters/postgres/index.ts')
    const stores = await openPostgres({ url: databaseUrl, randomBytes })
    const close = async (): Promise<void> => {
      await stores.close()
      lock.release()
    }
    return { ...stores, journal: databaseUrl, close }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Opens the journal that `Stores.journal` names for following it, from whichever thread this is. */
export async function openJournal(journal: string): Promise<JournalSource> {
  if (!isDatabaseUrl(journal)) return openJournalReader(journal)
  // Loaded only where there is a database: a start with the embedded stores need not wait for it.
  const { openPostgresJournal } = await import('./adapters/postgres/index.ts')
  return openPostgresJournal(journal)
}

/** `postgres://` or `postgresql://`. */
function isDatabaseUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(text)
}
