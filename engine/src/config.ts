import { readSmtp, type SmtpAccount } from './adapters/outgoing/index.ts'
import { fail, LIMITS, ok, type Result } from './kernel/index.ts'
import type { ProbeTarget } from './operations/index.ts'
import type { HoldPolicy, Upstream } from './surfaces/gateway/index.ts'
import { readUpstreams } from './surfaces/gateway/upstreams.ts'

/** What a server is told by its environment, read once. */
export interface Config {
  readonly host: string
  readonly port: number
  /** Folder of the embedded stores. */
  readonly data: string
  /** The PostgreSQL database of the ledger; null: SQLite in the data folder. */
  readonly databaseUrl: string | null
  /** The operator's own bootstrap key; null: one is made when it is needed. */
  readonly adminKey: string | null
  readonly auth: 'local' | 'required'
  /** Where mail is handed in; null: alerts are not sent by mail. */
  readonly smtp: SmtpAccount | null
  /** What a scraper of metrics sends in place of a key, or `open`; null: metrics take the bootstrap key. */
  readonly metricsKey: string | null
  /** What health is told of beside our own stores. */
  readonly probes: readonly ProbeTarget[]
  /** Where calls may be passed on to, and what is held for them. */
  readonly gateway: GatewayConfig
}

export interface GatewayConfig {
  readonly upstreams: readonly Upstream[]
  readonly hold: HoldPolicy
  /** How long a provider may take to begin its answer, and between two pieces of it. */
  readonly headMs: number
  readonly pauseMs: number
  /** What answers that are kept may take in memory. */
  readonly cacheBytesMax: number
}

type Environment = Readonly<Record<string, string | undefined>>

const ADMIN_KEY_CHARS_MIN = 16
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/

/** Reads the configuration, or lists all that is wrong with it. An empty variable is one that is not set. */
export function readConfig(env: Environment): Result<Config, readonly string[]> {
  const wrong: string[] = []
  const host = textOf(env.PURSER_HOST) ?? '127.0.0.1'
  if (!/^[A-Za-z0-9.:_-]+$/.test(host)) wrong.push(`PURSER_HOST is "${host}"; it must be an address or a host name`)
  const portText = textOf(env.PURSER_PORT) ?? '4318'
  const port = Number(portText)
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) wrong.push(`PURSER_PORT is "${portText}"; it must be a number from 0 to 65535`)
  const adminKey = textOf(env.PURSER_ADMIN_KEY)
  if (adminKey !== null && (adminKey.length < ADMIN_KEY_CHARS_MIN || /\s/.test(adminKey))) {
    wrong.push(`PURSER_ADMIN_KEY must have at least ${ADMIN_KEY_CHARS_MIN} characters and no spaces`)
  }
  const databaseUrl = textOf(env.PURSER_DATABASE_URL)
  if (databaseUrl !== null && !isDatabaseUrl(databaseUrl)) wrong.push(DATABASE_URL_WRONG)
  const loopback = LOOPBACK.test(host)
  const auth = textOf(env.PURSER_AUTH) ?? (loopback ? 'local' : 'required')
  if (auth !== 'local' && auth !== 'required') wrong.push(`PURSER_AUTH is "${auth}"; it must be local or required`)
  else if (auth === 'local' && !loopback) wrong.push(`PURSER_AUTH is local, which is for loopback addresses; PURSER_HOST is "${host}"`)
  const metricsKey = textOf(env.PURSER_METRICS_KEY)
  if (metricsKey !== null && metricsKey !== 'open' && (metricsKey.length < ADMIN_KEY_CHARS_MIN || /\s/.test(metricsKey))) {
    wrong.push(`PURSER_METRICS_KEY must be open, or have at least ${ADMIN_KEY_CHARS_MIN} characters and no spaces`)
  }
  const probes = readProbes(env, wrong)
  const gateway = readGateway(env, wrong)
  const smtp = readSmtp(textOf(env.PURSER_SMTP_URL), textOf(env.PURSER_SMTP_FROM))
  if (typeof smtp === 'string') wrong.push(smtp)
  if (wrong.length > 0 || typeof smtp === 'string' || (auth !== 'local' && auth !== 'required')) return fail(wrong)
  return ok({
    host,
    port,
    data: textOf(env.PURSER_DATA) ?? './purser-data',
    databaseUrl,
    adminKey,
    auth,
    smtp,
    metricsKey,
    probes,
    gateway,
  })
}

/** `PURSER_GATEWAY_TIMEOUT_SECONDS` is how long a provider may be silent, `PURSER_GATEWAY_CACHE_MB` what the cache of answers may take in memory. */
function readGateway(env: Environment, wrong: string[]): GatewayConfig {
  const seconds = textOf(env.PURSER_GATEWAY_TIMEOUT_SECONDS)
  if (seconds !== null && !/^[1-9]\d{0,4}$/.test(seconds))
    wrong.push(`PURSER_GATEWAY_TIMEOUT_SECONDS is "${seconds}"; it must be a number of seconds`)
  const [headMs, pauseMs] =
    seconds === null ? [LIMITS.upstreamHeadMs, LIMITS.upstreamPauseMs] : [Number(seconds) * 1_000, Number(seconds) * 1_000]
  const megabytes = textOf(env.PURSER_GATEWAY_CACHE_MB)
  if (megabytes !== null && !/^[1-9]\d{0,5}$/.test(megabytes))
    wrong.push(`PURSER_GATEWAY_CACHE_MB is "${megabytes}"; it must be a number of megabytes`)
  const cacheBytesMax = megabytes === null ? LIMITS.gatewayCacheBytesMax : Number(megabytes) * 1024 * 1024
  return { upstreams: readUpstreams(env, wrong), hold: readHoldPolicy(env, wrong), headMs, pauseMs, cacheBytesMax }
}

/** `PURSER_GATEWAY_INPUT` is `bound` or `estimate`, `PURSER_GATEWAY_OUTPUT_TOKENS` how much output is held at first for a stream that states no limit. */
function readHoldPolicy(env: Environment, wrong: string[]): HoldPolicy {
  const input = textOf(env.PURSER_GATEWAY_INPUT) ?? 'bound'
  if (input !== 'bound' && input !== 'estimate') wrong.push(`PURSER_GATEWAY_INPUT is "${input}"; it must be bound or estimate`)
  const tokens = textOf(env.PURSER_GATEWAY_OUTPUT_TOKENS)
  if (tokens !== null && !/^[1-9]\d{0,6}$/.test(tokens))
    wrong.push(`PURSER_GATEWAY_OUTPUT_TOKENS is "${tokens}"; it must be a number of tokens`)
  return { input: input === 'estimate' ? 'estimate' : 'bound', firstOutputTokens: tokens === null ? null : Number(tokens) }
}

/** `PURSER_UPSTREAMS` is a list of `name=url`, `PURSER_SANDBOX_URL` one address. */
function readProbes(env: Environment, wrong: string[]): ProbeTarget[] {
  const upstreams = (textOf(env.PURSER_UPSTREAMS) ?? '').split(',').filter((part) => part.trim() !== '')
  const targets = upstreams.map((part): ProbeTarget => {
    const [name = '', ...url] = part.trim().split('=')
    return { group: 'upstreams', name, url: url.join('=') }
  })
  const sandbox = textOf(env.PURSER_SANDBOX_URL)
  if (sandbox !== null) targets.push({ group: 'sandbox', name: 'sandbox', url: sandbox })
  for (const { group, name, url } of targets) {
    if (/^[A-Za-z0-9._-]{1,64}$/.test(name) && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) continue
    wrong.push(group === 'sandbox' ? 'PURSER_SANDBOX_URL must be an http or https address' : UPSTREAMS_WRONG)
  }
  return targets
}

const UPSTREAMS_WRONG = 'PURSER_UPSTREAMS must be a list such as openai=https://api.openai.com/v1/models,proxy=http://10.0.0.7:4000/health'

/** It holds a password, so it is not repeated. */
const DATABASE_URL_WRONG = 'PURSER_DATABASE_URL must be an address such as postgres://user:password@host:5432/database'

function isDatabaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, pathname } = new URL(text)
  return (protocol === 'postgres:' || protocol === 'postgresql:') && pathname.length > 1
}

function textOf(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim()
}
