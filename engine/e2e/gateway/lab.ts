import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { gatewayTo, type TestServer, testServer } from '../../../conformance/http/test-server.ts'
import { type Cassette, cassetteNamed, handWritten, loadCassettes } from '../../../conformance/upstream/cassette.ts'
import { comparedWith } from '../../../conformance/upstream/expected-usage.ts'
import type { Manner } from '../../../conformance/upstream/manner.ts'
import { startUpstream, type Upstream } from '../../../conformance/upstream/replay-server.ts'
import type { CallRecord, JournalEntry } from '../../src/ledger/index.ts'
import { readResponse } from '../../src/usage/index.ts'

/** Paths that providers keep to themselves before what their clients add. */
const BASES = {
  openai: '',
  anthropic: '',
  gemini: '',
  azure: '',
  bedrock: '',
  groq: '/openai',
  mistral: '',
  deepseek: '',
  openrouter: '/api',
  'my-models': '',
} as const
export type UpstreamName = keyof typeof BASES

const KEYS = {
  OPENAI_API_KEY: 'sk-provider-openai',
  ANTHROPIC_API_KEY: 'sk-provider-anthropic',
  GEMINI_API_KEY: 'sk-provider-gemini',
  AZURE_OPENAI_API_KEY: 'sk-provider-azure',
  AWS_BEARER_TOKEN_BEDROCK: 'sk-provider-bedrock',
  GROQ_API_KEY: 'sk-provider-groq',
  MISTRAL_API_KEY: 'sk-provider-mistral',
  DEEPSEEK_API_KEY: 'sk-provider-deepseek',
  OPENROUTER_API_KEY: 'sk-provider-openrouter',
  MY_MODELS_API_KEY: 'sk-provider-my-models',
} as const

const ADMIN = 'admin-key-of-the-laboratory'
const ALL = [...loadCassettes(), ...handWritten()]

/** Where a client is pointed at, and what it is given as a key. */
export interface Place {
  base(name: UpstreamName): string
  readonly apiKey: string
}

/** Purser in front of providers made of recordings. */
export interface Lab {
  readonly upstream: Upstream
  readonly server: TestServer
  /** Through Purser, with a key of Purser's; and straight to the providers. */
  readonly through: Place
  readonly direct: Place
  readonly cassette: (prefix: string) => Cassette
  /** Limits what all of the organization may spend in a day. Decimal text in USD. */
  limit(limitUsd: string): Promise<void>
  standing(): Promise<{ readonly spent_usd: string; readonly held_usd: string }>
  /** How many requests came to Purser for providers. */
  asked(): Promise<number>
  /** The calls that were posted, in their order. */
  calls(): Promise<CallRecord[]>
  /** Waits until nothing is held any more; fails when something stays held. */
  settled(): Promise<void>
  close(): Promise<void>
}

const LIMIT_USD = '1000'

/** The laboratory of a file of tests: begun before them with a limit that none reaches, new for each, closed after the last. */
export function labOfFile(): Lab {
  const lab = {} as Lab
  beforeAll(async () => {
    Object.assign(lab, await startLab())
    await lab.limit(LIMIT_USD)
  })
  afterAll(() => lab.close())
  beforeEach(() => lab.upstream.reset())
  return lab
}

export async function startLab(options: { readonly headMs?: number; readonly pauseMs?: number } = {}): Promise<Lab> {
  const upstream = await startUpstream()
  const urls = Object.entries(BASES).map(([name, base]) => [
    `PURSER_UPSTREAM_${name.toUpperCase().replaceAll('-', '_')}`,
    upstream.url + base,
  ])
  const gateway = gatewayTo({ ...Object.fromEntries(urls), ...KEYS }, options)
  const server = await testServer({ adminKey: ADMIN, auth: 'required', gateway })
  const admin = { authorization: `Bearer ${ADMIN}` }
  const made = await server.send('POST', '/v1/finops/keys', { name: 'lab', organization_id: 'lab', agent: 'lab-agent' }, admin)
  const { secret } = made.body as { secret: string }
  const { ledger } = server.services
  return {
    upstream,
    server,
    through: { base: (name) => `${server.url}/${name}`, apiKey: secret },
    direct: { base: (name) => upstream.url + BASES[name], apiKey: 'sk-of-the-client' },
    cassette: (prefix) => cassetteNamed(ALL, prefix),
    async limit(limitUsd) {
      const rule = {
        organization_id: 'lab',
        dimension: 'organization',
        value: '*',
        period: 'day',
        name: 'all of the lab',
        unpriced: 'allow',
      }
      const { status, text } = await server.send('PUT', '/v1/finops/budgets', { ...rule, limit_usd: limitUsd }, admin)
      expect(status, text).toBe(200)
    },
    async standing() {
      const { body } = await server.send('GET', '/v1/finops/budgets?organization_id=lab', undefined, admin)
      const { budgets } = body as { budgets: { standings: { spent_usd: string; held_usd: string }[] }[] }
      return budgets[0]?.standings[0] ?? { spent_usd: '0', held_usd: '0' }
    },
    async asked() {
      const { text } = await server.send('GET', '/actuator/prometheus', undefined, admin)
      const routes = Object.keys(BASES).join('|')
      const counts = text.matchAll(
        new RegExp(`^purser_http_request_duration_seconds_count\\{[^}]*route="/(?:${routes})/[^}]*} (\\d+)$`, 'gm'),
      )
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
    },
    async calls() {
      const entries: JournalEntry[] = await ledger.read(0, 10_000)
      return entries.flatMap(({ event }) => (event.kind === 'call' ? [event.call] : []))
    },
    settled: () => expect.poll(async () => (await ledger.holds(null)).map(({ id }) => id), { timeout: 5_000, interval: 10 }).toEqual([]),
    async close() {
      await server.close()
      await upstream.close()
    },
  }
}

/** What a client gets: straight from the provider, and through Purser with the same recording. */
export async function bothWays<T>(
  { upstream, direct, through }: Lab,
  manner: Manner,
  use: (place: Place) => Promise<T>,
): Promise<{ direct: T; through: T }> {
  upstream.next(manner)
  const straight = await use(direct)
  upstream.next(manner)
  return { direct: straight, through: await use(through) }
}

/** The last call was posted with what an independent parser reads from the recording, and priced as the engine prices that. */
export async function expectPosted(lab: Lab, cassette: Cassette): Promise<CallRecord> {
  await lab.settled()
  const call = (await lab.calls()).at(-1)
  const asked = lab.upstream.received.at(-1)
  if (call === undefined || asked === undefined) throw new Error('no call was posted')
  const { ours, theirs } = comparedWith(call.usage, cassette.expected_usage ?? {})
  expect(ours).toEqual(theirs)
  const { at, seller } = call.usage
  const body = Buffer.from(cassette.response_body, cassette.response_body_encoding === 'base64' ? 'base64' : 'utf8')
  const request = asked.body.toString('utf8')
  const contentType = cassette.headers?.['content-type'] ?? null
  const modelRequested = call.usage.modelRequested ?? ''
  const url = lab.upstream.url + asked.path
  const read = readResponse({ at, seller, modelRequested, url, status: cassette.status, contentType, request, body })
  const charge = lab.server.services.rates.price(read, 'lab', at)
  expect(call.charge.amount).toBe(charge.amount)
  if (cassette.status === 200) expect(call.charge.amount).toBeGreaterThan(0n)
  expect(call).toMatchObject({ agent: 'lab-agent', source: 'gateway', success: cassette.status < 400 })
  return call
}
