import { type Signer, type SigningOptions, signerOf } from './delivery/sign.ts'
import type { Fetch, Timers } from './delivery/transport.ts'
import { type NewId, uuidv7Source } from './ids.ts'

/** Why something that was reported did not arrive. */
export interface DeliveryError {
  /** The server's own code (`invalid_field`, `unauthenticated`, …), or `gave_up`, `unreportable`, `bad_configuration`. */
  readonly code: string
  readonly detail: string
  /** HTTP status, when the server answered the whole request with it. */
  readonly status?: number
  /** JSON pointer to the field that was refused. */
  readonly path?: string
  /** What was refused, as it was to be sent. */
  readonly item?: { readonly kind: string; readonly body: unknown }
}

export interface LossReport {
  /** How many were lost since the last report. */
  readonly lost: number
  readonly lostInTotal: number
  /** `timeout`: unsent when `close` or the exit ran out of time. `fault`: one of ours. */
  readonly reason: 'queue_full' | 'closed' | 'timeout' | 'fault'
}

export interface TrackerOptions {
  /** Where Purser listens. Default: `PURSER_URL`, else `http://127.0.0.1:4318`. A path prefix is kept. */
  readonly url?: string | undefined
  /** Default: `PURSER_API_KEY`, else none (the server's local mode needs none). */
  readonly apiKey?: string | undefined
  /** Sign each request with the agent's own key instead of sending one. */
  readonly signing?: SigningOptions | undefined
  /** Set on everything that does not name its own organization. */
  readonly organizationId?: string | undefined
  /** False makes a tracker that gives ids and sends nothing. Default: true. */
  readonly enabled?: boolean | undefined
  /** How long the first of a batch waits for company. Default: 1000. */
  readonly flushIntervalMs?: number | undefined
  /** Most items in one send; so many waiting are sent at once. Default: 100, at most 1000. */
  readonly batchMax?: number | undefined
  /** Most items that wait; when full the oldest are dropped and counted. One batch more may be in flight. Default: 10000. */
  readonly waitingMax?: number | undefined
  /** Default: 10000. */
  readonly requestTimeoutMs?: number | undefined
  /** First and longest pause between tries. Default: 500 and 30000. */
  readonly retryBaseMs?: number | undefined
  readonly retryMaxMs?: number | undefined
  /** Tries when the server answers with a fault (500, unreadable answer). A server that is away or busy is tried for as long as there is room. Default: 8. */
  readonly faultsMax?: number | undefined
  /** How long an exiting process waits for what is not yet sent. Default: 3000. */
  readonly exitTimeoutMs?: number | undefined
  /** Key of request fingerprints. Default: `PURSER_FINGERPRINT_KEY`, else random for each process. */
  readonly fingerprintKey?: string | undefined
  /** Told of every item that was refused. Default: one process warning per code. */
  readonly onError?: ((error: DeliveryError) => void) | undefined
  /** Told when items were lost, at most once per send. Default: a process warning. */
  readonly onLost?: ((report: LossReport) => void) | undefined
  readonly fetch?: Fetch | undefined
  readonly timers?: Timers | undefined
  readonly now?: (() => number) | undefined
  readonly random?: (() => number) | undefined
  readonly newId?: NewId | undefined
}

/** Options with every default filled in. */
export interface Settings {
  readonly url: string
  readonly apiKey: string | undefined
  readonly signer: Signer | undefined
  readonly organizationId: string | undefined
  readonly enabled: boolean
  readonly flushIntervalMs: number
  readonly batchMax: number
  readonly waitingMax: number
  readonly requestTimeoutMs: number
  readonly retryBaseMs: number
  readonly retryMaxMs: number
  readonly faultsMax: number
  readonly exitTimeoutMs: number
  readonly fingerprintKey: string | undefined
  readonly onError: (error: DeliveryError) => void
  readonly onLost: (report: LossReport) => void
  readonly fetch: Fetch
  readonly timers: Timers
  readonly now: () => number
  readonly random: () => number
  readonly newId: NewId
  /** Why nothing can be sent with these options; null when it can. */
  readonly fault: string | null
}

const DEFAULT_URL = 'http://127.0.0.1:4318'
/** What the server takes in one batch. */
const BATCH_ITEMS_MAX = 1000

/** Fills in defaults. Never throws: a tracker with impossible options reports that and drops what it is given. */
export function settingsOf(options: TrackerOptions, env: Readonly<Record<string, string | undefined>>): Settings {
  const url = (options.url ?? (env.PURSER_URL || DEFAULT_URL)).trim().replace(/\/+$/, '')
  const apiKey = (options.apiKey ?? env.PURSER_API_KEY)?.trim() || undefined
  const now = options.now ?? Date.now
  const signer = options.signing === undefined ? undefined : signerOf(options.signing, now)
  return {
    url,
    apiKey,
    signer: typeof signer === 'string' ? undefined : signer,
    organizationId: options.organizationId,
    enabled: options.enabled ?? true,
    flushIntervalMs: atLeast(0, options.flushIntervalMs, 1000),
    batchMax: Math.min(BATCH_ITEMS_MAX, atLeast(1, options.batchMax, 100)),
    waitingMax: atLeast(1, options.waitingMax, 10_000),
    requestTimeoutMs: atLeast(1, options.requestTimeoutMs, 10_000),
    retryBaseMs: atLeast(1, options.retryBaseMs, 500),
    retryMaxMs: atLeast(1, options.retryMaxMs, 30_000),
    faultsMax: atLeast(1, options.faultsMax, 8),
    exitTimeoutMs: atLeast(0, options.exitTimeoutMs, 3000),
    fingerprintKey: options.fingerprintKey ?? (env.PURSER_FINGERPRINT_KEY || undefined),
    onError: quiet(options.onError ?? warnOncePerCode()),
    onLost: quiet(options.onLost ?? warnOfLoss),
    fetch: options.fetch ?? ((target, init) => globalThis.fetch(target, init)),
    timers: options.timers ?? {
      set: (run, delayMs) => setTimeout(run, delayMs),
      clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
    },
    now,
    random: options.random ?? Math.random,
    newId: options.newId ?? uuidv7Source(now),
    fault: faultOf(url, apiKey) ?? (typeof signer === 'string' ? signer : null),
  }
}

function faultOf(url: string, apiKey: string | undefined): string | null {
  if (!isHttpUrl(url)) return `the URL cannot be read as http(s): ${url}`
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) return 'the API key holds characters that no HTTP header can carry'
  return null
}

function isHttpUrl(url: string): boolean {
  try {
    return /^https?:$/.test(new URL(url).protocol)
  } catch {
    return false
  }
}

/** A number that makes no sense is the default, because a wrong setting must not stop the program it is in. */
function atLeast(least: number, value: number | undefined, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(least, value) : otherwise
}

/** A callback that throws is its owner's fault, and still must not reach the code that made the call. */
function quiet<T>(callback: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      callback(value)
    } catch (error) {
      warn(`a callback of the tracker threw: ${String(error)}`, 'PURSER_CALLBACK')
    }
  }
}

function warnOncePerCode(): (error: DeliveryError) => void {
  const seen = new Set<string>()
  return ({ code, detail }) => {
    if (seen.has(code)) return
    seen.add(code)
    warn(`${detail} (${code}; further ones are not shown, set onError to see all)`, 'PURSER_REFUSED')
  }
}

function warnOfLoss({ lost, lostInTotal, reason }: LossReport): void {
  warn(`${lost} reports were lost (${reason}); ${lostInTotal} in total`, 'PURSER_LOST')
}

function warn(message: string, code: string): void {
  globalThis.process?.emitWarning?.(`purser: ${message}`, { code })
}
