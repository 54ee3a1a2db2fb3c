import { randomBytes } from 'node:crypto'
import { fetchText, outgoing, reach, type SmtpAccount } from './adapters/outgoing/index.ts'
import { dispatcher, follower } from './alerts/index.ts'
import type { CallStore } from './calls/index.ts'
import { followPeers, type PeersFollowed } from './follow-peers.ts'
import { type Clock, checkLimits, LIMITS, type Millis, pooledRandomBytes, type RandomBytes, uuidv7Source } from './kernel/index.ts'
import { type Committer, committer, type JournalEntry, type LedgerStore } from './ledger/index.ts'
import {
  type About,
  createKeyUses,
  createMeters,
  createRunOrganizations,
  loadKeyring,
  memoryNonces,
  openPolicyDesk,
  openRateDesk,
  type ProbeTarget,
  priceAgain,
  probeOf,
  type Services,
  startAlertKeeper,
  startSweeper,
  startWritingUses,
  sweepBreakers,
  sweepHolds,
  watchAnomalies,
} from './operations/index.ts'
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
  /** Where mail is handed in; null: no mail is sent. */
  readonly smtp?: SmtpAccount | null
  readonly metricsKey?: string | null
  readonly probes?: readonly ProbeTarget[]
  readonly upstreams?: Services['upstreams']
  /** Whether alerts are sent from here; otherwise they wait for a program that does. */
  readonly deliver?: boolean
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
  const startedAt = now()
  const random = options.randomBytes ?? randomBytes
  const opened: (() => Promise<void>)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    const stores = await openStores({ folder: options.data, databaseUrl: options.databaseUrl ?? null, randomBytes: random })
    opened.push(() => stores.close())
    const keyUses = createKeyUses(stores.keys)
    opened.push(startWritingUses(keyUses, LIMITS.writeKeyUsesMs))
    const calls = await options.openCalls(stores, options.data)
    opened.push(() => calls.close())
    const since = (await stores.peers?.news()) ?? null
    const [keyring, rates, policies, head] = await Promise.all([
      loadKeyring(stores.keys),
      openRateDesk(buildCatalog(bundledCatalogFiles()).book, stores.rates),
      openPolicyDesk(stores.documents),
      stores.ledger.head(),
    ])
    const meters = createMeters(priceAgain({ rates }))
    const way = outgoing({
      now,
      withinMs: LIMITS.webhookMs,
      loopback: () => options.auth === 'local' && keyring.isEmpty(),
      smtp: options.smtp ?? null,
    })
    opened.push(() => way.close())
    const deliveries = dispatcher({ store: stores.alerts, outgoing: way, now, randomBytes: random })
    opened.push(() => deliveries.stop())
    const following = follower({ store: stores.alerts, journal: stores.ledger, now, told: deliveries.wake })
    opened.push(() => following.stop())
    const own = committer(
      announcing(stores.ledger, (entries, last) => {
        calls.notify(last)
        following.committed(entries)
        meters.committed(entries)
      }),
      { head },
    )
    opened.push(() => own.close())
    const peers =
      stores.peers === null || since === null ? null : await followPeers({ peers: stores.peers, calls, keyring, rates, policies, since })
    if (peers !== null) opened.push(() => peers.stop())
    const feeds = fetchText({ bytesMax: LIMITS.feedBytesMax, withinMs: LIMITS.feedFetchMs })
    opened.push(() => feeds.close())
    calls.notify(head)
    const services: Services = {
      now,
      newId: uuidv7Source(now, pooledRandomBytes(random)),
      randomBytes: random,
      ...kept(stores),
      rates,
      committer: peers === null ? own : knowing(own, peers),
      // Whoever asks is let in by what any node had committed before.
      keyring: peers === null ? keyring : { ...keyring, refresh: peers.catchUp },
      keyUses,
      nonces: stores.nonces ?? memoryNonces(startedAt, LIMITS),
      calls,
      runOrganizations: createRunOrganizations(stores.ledger, { shared: peers !== null }),
      fetchText: feeds.fetchText,
      dispatcher: deliveries,
      outgoing: way,
      meters,
      policies,
      ...around(options, now),
      about: aboutOf(options, startedAt),
    }
    opened.push(...startSweepers(services))
    opened.push(startAlertKeeper(services, following, LIMITS.keepAlertsMs))
    if (options.deliver === true) deliveries.start()
    return { services, ledgerIn: stores.about ?? options.data, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** What is around this program, as far as it is told. */
function around({ upstreams = [], probes = [] }: AssembleOptions, now: Clock) {
  // Their keys are the gateway's alone.
  const known = upstreams.map(({ name, dialect }) => ({ name, dialect }))
  return { upstreams: known, probes: probes.map((target) => probeOf(target, reach(LIMITS.probeMs), now)) } satisfies Partial<Services>
}

/** What is looked at by the clock and not because somebody asks. */
function startSweepers(services: Services): (() => Promise<void>)[] {
  return [
    startSweeper(() => sweepHolds(services), LIMITS.sweepHoldsMs),
    startSweeper(() => sweepBreakers(services), LIMITS.sweepBreakersMs),
    startSweeper(() => watchAnomalies(services), LIMITS.watchAnomaliesMs),
  ]
}

function aboutOf(options: AssembleOptions, startedAt: Millis): About {
  return {
    version: options.version,
    startedAt,
    auth: options.auth,
    obstacle: options.obstacle ?? (() => null),
    dataFolder: options.data,
    database: (options.databaseUrl ?? null) === null ? 'SQLite' : 'PostgreSQL',
    metricsKey: options.metricsKey ?? null,
  }
}

/** What operations read and write as it is. */
function kept({ ledger, keys, audit, market, documents, discounts, alerts, fingerprintKey }: Stores) {
  return { ledger, keys, audits: audit, market, documents, discounts, alerts, fingerprintKey } satisfies Partial<Services>
}

/** A committer whose head is that of the journal, as far as this node knows: other nodes acknowledge calls too. */
function knowing(own: Committer, peers: PeersFollowed): Committer {
  return { ...own, head: () => Math.max(own.head(), peers.head()) }
}

/** Says after each commit what came, once per batch and not once per call. */
function announcing(store: LedgerStore, announce: (entries: readonly JournalEntry[], lastSeq: number) => void): LedgerStore {
  return {
    ...store,
    async transact(rows, decide) {
      const decision = await store.transact(rows, decide)
      const { entries } = decision.changes
      const last = entries.at(-1)
      if (last !== undefined) announce(entries, last.seq)
      return decision
    },
  }
}
