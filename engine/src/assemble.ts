import { randomBytes } from 'node:crypto'
import { fetchText } from './adapters/outgoing/index.ts'
import type { CallStore } from './calls/index.ts'
import { followPeers, type PeersFollowed } from './follow-peers.ts'
import { type Clock, checkLimits, LIMITS, pooledRandomBytes, type RandomBytes, uuidv7Source } from './kernel/index.ts'
import { type Committer, committer, type LedgerStore } from './ledger/index.ts'
import { type About, createRunOrganizations, loadKeyring, openRateDesk, type Services, startSweeper } from './operations/index.ts'
import { buildCatalog, bundledCatalogFiles } from './pricing/index.ts'
import { openStores, type Stores } from './stores.ts'

export interface AssembleOptions {
  /** Folder of the embedded stores; made when it is not there. */
  readonly data: string
  /** The PostgreSQL database of the ledger; without one the ledger is in the folder. */
  readonly databaseUrl?: string | null
  readonly version: string
  readonly auth: About['auth']
  readonly obstacle?: () => string | null
  readonly now?: Clock
  readonly randomBytes?: RandomBytes
  /** Opens the columnar store beside the ledger. */
  readonly openCalls: (stores: Stores, folder: string) => Promise<CallStore>
}

/** A whole engine over one data folder. */
export interface Engine {
  readonly services: Services
  /** What the ledger is in, for people. */
  readonly ledgerIn: string
  /** Commits what is waiting, then closes every store, the last opened first. */
  close(): Promise<void>
}

/** Opens the stores and joins the layers. Throws what the stores throw: a folder in use, one written by a newer program. */
export async function assemble(options: AssembleOptions): Promise<Engine> {
  checkLimits()
  const now = options.now ?? Date.now
  const random = options.randomBytes ?? randomBytes
  const opened: (() => Promise<void>)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    const stores = await openStores({ folder: options.data, databaseUrl: options.databaseUrl ?? null, randomBytes: random })
    opened.push(() => stores.close())
    const calls = await options.openCalls(stores, options.data)
    opened.push(() => calls.close())
    const [keyring, rates, head] = await Promise.all([
      loadKeyring(stores.keys),
      openRateDesk(buildCatalog(bundledCatalogFiles()).book, stores.rates),
      stores.ledger.head(),
    ])
    const own = committer(notifying(stores.ledger, calls), { head })
    opened.push(() => own.close())
    const peers = stores.peers === null ? null : await followPeers({ peers: stores.peers, calls, keyring, rates })
    if (peers !== null) opened.push(() => peers.stop())
    const outgoing = fetchText({ bytesMax: LIMITS.feedBytesMax, withinMs: LIMITS.feedFetchMs })
    opened.push(() => outgoing.close())
    calls.notify(head)
    const services: Services = {
      now,
      newId: uuidv7Source(now, pooledRandomBytes(random)),
      randomBytes: random,
      rates,
      committer: peers === null ? own : knowing(own, peers),
      ledger: stores.ledger,
      keys: stores.keys,
      audits: stores.audit,
      market: stores.market,
      keyring,
      calls,
      runOrganizations: createRunOrganizations(stores.ledger, { shared: peers !== null }),
      catchUp: peers?.catchUp ?? null,
      fetchText: outgoing.fetchText,
      about: { version: options.version, startedAt: now(), auth: options.auth, obstacle: options.obstacle ?? (() => null) },
    }
    opened.push(startSweeper(services, LIMITS.sweepHoldsMs))
    return { services, ledgerIn: stores.about ?? options.data, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** A committer whose head is that of the journal, as far as this node knows: other nodes acknowledge calls too. */
function knowing(own: Committer, peers: PeersFollowed): Committer {
  return { ...own, head: () => Math.max(own.head(), peers.head()) }
}

/** Tells the projection after each commit, once per batch and not once per call. */
function notifying(store: LedgerStore, calls: Pick<CallStore, 'notify'>): LedgerStore {
  return {
    ...store,
    async transact(rows, decide) {
      const decision = await store.transact(rows, decide)
      const last = decision.changes.entries.at(-1)
      if (last !== undefined) calls.notify(last.seq)
      return decision
    },
  }
}
