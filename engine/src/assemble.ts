import { randomBytes } from 'node:crypto'
import { fetchText } from './adapters/outgoing/index.ts'
import { openSqlite, type SqliteStores } from './adapters/sqlite/index.ts'
import type { CallStore } from './calls/index.ts'
import { type Clock, checkLimits, LIMITS, pooledRandomBytes, type RandomBytes, uuidv7Source } from './kernel/index.ts'
import { committer, type LedgerStore } from './ledger/index.ts'
import {
  type About,
  createRunOrganizations,
  loadKeyring,
  openRateDesk,
  type Services,
  startSweeper,
  sweepBreakers,
  sweepHolds,
} from './operations/index.ts'
import { buildCatalog, bundledCatalogFiles } from './pricing/index.ts'

export interface AssembleOptions {
  /** Folder of the stores; made when it is not there. */
  readonly data: string
  readonly version: string
  readonly auth: About['auth']
  readonly obstacle?: () => string | null
  readonly now?: Clock
  readonly randomBytes?: RandomBytes
  /** Opens the columnar store beside the ledger. */
  readonly openCalls: (stores: SqliteStores, folder: string) => Promise<CallStore>
}

/** A whole engine over one data folder. */
export interface Engine {
  readonly services: Services
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
    const stores = openSqlite({ folder: options.data, randomBytes: random })
    opened.push(() => stores.close())
    const calls = await options.openCalls(stores, options.data)
    opened.push(() => calls.close())
    const [keyring, rates, head] = await Promise.all([
      loadKeyring(stores.keys),
      openRateDesk(buildCatalog(bundledCatalogFiles()).book, stores.rates),
      stores.ledger.head(),
    ])
    const commands = committer(notifying(stores.ledger, calls), { head })
    opened.push(() => commands.close())
    const outgoing = fetchText({ bytesMax: LIMITS.feedBytesMax, withinMs: LIMITS.feedFetchMs })
    opened.push(() => outgoing.close())
    calls.notify(head)
    const services: Services = {
      now,
      newId: uuidv7Source(now, pooledRandomBytes(random)),
      randomBytes: random,
      rates,
      committer: commands,
      ledger: stores.ledger,
      keys: stores.keys,
      audits: stores.audit,
      market: stores.market,
      keyring,
      calls,
      runOrganizations: createRunOrganizations(stores.ledger),
      fetchText: outgoing.fetchText,
      about: { version: options.version, startedAt: now(), auth: options.auth, obstacle: options.obstacle ?? (() => null) },
    }
    opened.push(startSweeper(() => sweepHolds(services), LIMITS.sweepHoldsMs))
    opened.push(startSweeper(() => sweepBreakers(services), LIMITS.sweepBreakersMs))
    return { services, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
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
