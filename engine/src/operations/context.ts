import { METRICS_ENDPOINTS } from '@purser/contract'
import type { AlertStore, Dispatcher, Outgoing } from '../alerts/index.ts'
import type { CallStore } from '../calls/index.ts'
import type { Clock, Millis, NewId, RandomBytes } from '../kernel/index.ts'
import type { AuditStore, Committer, DocumentStore, KeyAttribution, KeyStore, LedgerStore, MarketStore } from '../ledger/index.ts'
import type { DiscountStore, FetchText } from '../pricing/index.ts'
import type { KeyUses } from './authority/key-uses.ts'
import type { Keyring } from './authority/keyring.ts'
import type { SeenNonces } from './authority/seen-nonces.ts'
import type { KnownUpstream, PolicyDesk } from './gateway/policies/index.ts'
import type { HealthProbe } from './monitoring/actuator/probes.ts'
import type { Meters } from './monitoring/metrics/meters.ts'
import type { RateDesk } from './pricing/rate-desk.ts'
import type { RunOrganizations } from './tracking/run-organizations.ts'

/** Who asks, after the door has checked it. What is bound to a key outranks what a request says of itself. */
export interface Caller {
  /** For the audit: a key's id, `local` or `bootstrap`. */
  readonly actor: string
  readonly keyId: string | null
  /** The one organization it acts for; null: any. */
  readonly organization: string | null
  readonly agent: string | null
  /** Names of operations and permissions it may use; null: all. */
  readonly operations: readonly string[] | null
  /** What its calls inherit when neither they nor their run or session say it. */
  readonly defaults: KeyAttribution | null
}

/** The person at this machine: local mode, and the command line on its own data folder. */
export const LOCAL_CALLER: Caller = { actor: 'local', keyId: null, organization: null, agent: null, operations: null, defaults: null }

/** Whoever sends the key of metrics: it reads them and nothing else. */
export const SCRAPER: Caller = {
  actor: 'metrics',
  keyId: null,
  organization: null,
  agent: null,
  operations: METRICS_ENDPOINTS.map(({ operation }) => operation),
  defaults: null,
}

/** Someone without a key, at the doors that need none. */
export const ANONYMOUS: Caller = { actor: 'anonymous', keyId: null, organization: null, agent: null, operations: [], defaults: null }

/** What pricing needs: no ledger, no store of calls. */
export interface RateServices {
  readonly now: Clock
  readonly rates: RateDesk
}

/** Everything operations work with, built once by the composition root. */
export interface Services extends RateServices {
  readonly newId: NewId
  readonly randomBytes: RandomBytes
  /** What requests are fingerprinted with: one for the whole installation, for ever, so that a repetition is seen by every node. */
  readonly fingerprintKey: Uint8Array
  readonly committer: Committer
  readonly ledger: LedgerStore
  readonly keys: KeyStore
  readonly audits: AuditStore
  readonly market: MarketStore
  readonly documents: DocumentStore
  readonly keyring: Keyring
  readonly keyUses: KeyUses
  readonly nonces: SeenNonces
  readonly calls: CallStore
  readonly runOrganizations: RunOrganizations
  readonly discounts: DiscountStore
  readonly alerts: AlertStore
  readonly dispatcher: Pick<Dispatcher, 'wake' | 'sendNow'>
  readonly outgoing: Pick<Outgoing, 'obstacle'>
  /** For public price tables. */
  readonly fetchText: FetchText
  readonly meters: Meters
  /** How calls through the gateway are cached and routed. */
  readonly policies: PolicyDesk
  /** Where the gateway passes calls on to. */
  readonly upstreams: readonly KnownUpstream[]
  /** What the health of the server is told of beside its own stores: nothing of it stops calls from being taken. */
  readonly probes: readonly HealthProbe[]
  readonly about: About
}

export interface About {
  readonly version: string
  readonly startedAt: Millis
  /** How requests are let in: `local` or `required`. */
  readonly auth: 'local' | 'required'
  /** What stands between now and taking calls; null when nothing does. */
  readonly obstacle: () => string | null
  /** The folder of the embedded stores: the disk that must have room. */
  readonly dataFolder: string
  /** In what the ledger is kept. */
  readonly database: 'SQLite' | 'PostgreSQL'
  /** What a scraper sends in place of a key, or that it need send none; null: metrics take the bootstrap key. */
  readonly metricsKey: string | 'open' | null
}

export interface RateContext {
  readonly services: RateServices
  readonly caller: Caller
}

export interface Context extends RateContext {
  readonly services: Services
}
