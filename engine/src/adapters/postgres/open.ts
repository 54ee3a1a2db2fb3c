import { randomBytes } from 'node:crypto'
import type { Sql } from 'postgres'
import type { AlertStore } from '../../alerts/index.ts'
import type { RandomBytes } from '../../kernel/index.ts'
import type { AuditStore, DocumentStore, KeyStore, LedgerStore, MarketStore, Peers } from '../../ledger/index.ts'
import type { DiscountStore, RateStore } from '../../pricing/index.ts'
import { postgresAlertStore } from './alerts/alert-store.ts'
import { postgresAuditStore } from './audit-store.ts'
import { connect, type Purpose, placeOf } from './connect/connect.ts'
import { openPool, type Pool } from './connect/pool.ts'
import { openReads } from './connect/reads.ts'
import { ensureRoles } from './connect/roles.ts'
import { postgresDiscountStore } from './discount-store.ts'
import { postgresDocumentStore } from './document-store.ts'
import { drawnOnce } from './drawn-once.ts'
import { postgresKeyStore } from './key-store.ts'
import { postgresLedgerStore } from './ledger-store.ts'
import { postgresMarketStore } from './market-store.ts'
import { migrate } from './migrate.ts'
import { type PostgresNonces, postgresNonces } from './nonces.ts'
import { postgresPeers } from './peers.ts'
import { postgresRateStore } from './rate-store.ts'

/** All that the database holds. Closing any of it closes the whole; close the committer first. */
export interface PostgresStores {
  readonly ledger: LedgerStore
  readonly keys: KeyStore
  readonly audit: AuditStore
  readonly rates: RateStore
  readonly market: MarketStore
  readonly documents: DocumentStore
  readonly discounts: DiscountStore
  readonly alerts: AlertStore
  readonly peers: Peers
  /** Of signed requests, for all nodes together. */
  readonly nonces: PostgresNonces
  /** 32 bytes, drawn by the first node. */
  readonly fingerprintKey: Uint8Array
  /** What it is connected to, for people: server, version and where, never the password. */
  readonly about: string
  close(): Promise<void>
}

const MAJOR_MIN = 14
/** Longer than the server lets a statement run, so that it is the server that says why. */
const ANSWER_MS_MAX = 40_000

/**
 * Connects to the database at `url`, makes or migrates the schema `purser` in it, and gives the stores in it. Any number of nodes may do so, also at once.
 * Throws when it cannot be reached, is too old, keeps text in another encoding than UTF-8, or was written by a newer program.
 */
export async function openPostgres(options: { readonly url: string; readonly randomBytes?: RandomBytes }): Promise<PostgresStores> {
  const { url } = options
  const administration = connect(url, 'administration')
  let durable: Readonly<Record<string, string>>
  let about: string
  try {
    const server = await examine(administration)
    about = `PostgreSQL ${server.version} at ${placeOf(url)}${server.syncs ? '' : ' (its fsync is off: a crash of its machine loses calls)'}`
    durable = server.durable
    await ensureRoles(administration)
    await migrate(administration)
  } finally {
    await administration.end({ timeout: 5 })
  }
  const pool = (purpose: Purpose): Pool => openPool(() => connect(url, purpose, durable), ANSWER_MS_MAX)
  const [commits, books, tenants] = [pool('commits'), pool('books'), pool('tenants')]
  const listening = connect(url, 'news')
  const close = async (): Promise<void> => {
    await Promise.all([commits.close(), books.close(), tenants.close(), listening.end({ timeout: 1 })])
  }
  const fingerprintKey = await drawnOnce(books, 'fingerprint_key', (options.randomBytes ?? randomBytes)(32)).catch(
    async (error: unknown) => {
      await close()
      throw error
    },
  )
  const reads = openReads(books, tenants)
  return {
    ledger: postgresLedgerStore({ commits, books, reads, close }),
    keys: postgresKeyStore(books, reads),
    audit: postgresAuditStore(books, reads),
    rates: postgresRateStore(books, reads),
    market: postgresMarketStore(books, reads),
    documents: postgresDocumentStore(books, reads),
    discounts: postgresDiscountStore(books, reads),
    alerts: postgresAlertStore(books, reads),
    peers: postgresPeers(books.ask, listening),
    nonces: postgresNonces(books),
    fingerprintKey,
    about,
    close,
  }
}

interface Server {
  readonly version: string
  readonly syncs: boolean
  /** What sessions must say so that a commit is on disk before it is answered. */
  readonly durable: Readonly<Record<string, string>>
}

async function examine(sql: Sql): Promise<Server> {
  const [row] = await sql.unsafe<Record<'version' | 'number' | 'encoding' | 'synchronous' | 'fsync', string>[]>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
            current_setting('server_encoding') AS encoding, current_setting('synchronous_commit') AS synchronous,
            current_setting('fsync') AS fsync`,
  )
  if (row === undefined) throw new Error('PostgreSQL does not say what it is')
  const version = row.version.split(' ')[0] ?? row.version
  if (Math.floor(Number(row.number) / 10_000) < MAJOR_MIN)
    throw new Error(`PostgreSQL ${version} is too old; Purser needs ${MAJOR_MIN} or newer`)
  if (row.encoding !== 'UTF8') throw new Error(`the database keeps text as ${row.encoding}; Purser needs one made with ENCODING 'UTF8'`)
  // Where commits wait for more than this server's disk (a replica's), that stays as the operator has set it.
  const weak = row.synchronous === 'off' || row.synchronous === 'local'
  return { version, syncs: row.fsync !== 'off', durable: weak ? { synchronous_commit: 'on' } : {} }
}
