import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memberAt } from '../../../../../conformance/http/reading.ts'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

const DAY = 86_400_000
/** 00:30 in Berlin, and 23:30 of the day before in UTC. */
const NOW = Date.UTC(2026, 10, 21, 23, 30)
const ADMIN = 'a-bootstrap-key-of-a-test'

let server: TestServer
let now = NOW
const admin: Record<string, string> = { authorization: `Bearer ${ADMIN}` }
let acme: Record<string, string>

beforeAll(async () => {
  server = await testServer({ now: () => now, auth: 'required', adminKey: ADMIN })
  const made = await server.send(
    'POST',
    '/v1/finops/keys',
    { name: 'acme', organization_id: 'acme', operations: ['report', 'read', 'manage'] },
    admin,
  )
  acme = { authorization: `Bearer ${String(made.body.secret)}` }
})
afterAll(() => server.close())

async function track(call: Record<string, unknown>, headers = admin): Promise<Answer> {
  const answer = await server.send(
    'POST',
    '/v1/finops/calls/track',
    { agent_name: 'a', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 500, ...call },
    headers,
  )
  expect(answer.status, answer.text).toBe(200)
  return answer
}

function get(path: string, headers = admin): Promise<Answer> {
  return server.send('GET', `/api/v1/finops/${path}`, undefined, headers)
}

describe('valuation rates', () => {
  it('hold from the very next call on, to the last decimal', async () => {
    const before = await track({ organization_id: 'acme', model: 'gpt-4o' }, acme)
    const rates = {
      modelId: 'gpt-4o',
      inputRatePerKTokens: 0.0021,
      outputRatePerKTokens: '0.0084',
      cachedInputRatePerKTokens: 0.000000001,
      reasoningRatePerKTokens: 0,
    }
    const set = await server.send('PUT', '/api/v1/finops/valuation-rates', rates, acme)
    expect(set.body, set.text).toMatchObject({
      organizationId: 'acme',
      exact: {
        inputRatePerKTokens: '0.0021',
        outputRatePerKTokens: '0.0084',
        cachedInputRatePerKTokens: '0.000000001',
        reasoningRatePerKTokens: '0',
        cacheWriteRatePerKTokens: null,
      },
    })
    const after = await track({ cache_read_tokens: 1 }, acme)
    expect(before.body.cost).toBe('0.0075')
    // 999 at 0.0021, one at 0.000000001, 500 at 0.0084, each for a thousand.
    expect(after.body.cost).toBe('0.006297900001')
    const { rates: cards } = (await server.send('GET', '/v1/finops/rates?own=true&model=gpt-4o', undefined, acme)).body as {
      rates: { rates: { meter: string; per_1m: string }[] }[]
    }
    expect(cards[0]?.rates.find(({ meter }) => meter === 'input')?.per_1m).toBe('2.1')
  })

  it('are those of the organization alone', async () => {
    expect((await track({ organization_id: 'globex' })).body.cost).toBe('0.0075')
    const list = (await get('valuation-rates?modelId=gpt-4o&own=true')).body as unknown as { organizationId: string }[]
    expect(list.map(({ organizationId }) => organizationId)).toEqual(['acme'])
    const forbidden = await server.send(
      'PUT',
      '/api/v1/finops/valuation-rates',
      { modelId: 'm', inputRatePerKTokens: 1, organizationId: 'globex' },
      acme,
    )
    expect(forbidden.body).toMatchObject({ code: 'forbidden', path: '/organizationId' })
  })

  it('say where a card has more prices than one', async () => {
    const list = (await get('valuation-rates')).body as unknown as {
      modelId: string
      conditional: boolean
      inputRatePerKTokens: number | null
    }[]
    expect(list.length).toBeGreaterThan(500)
    expect(list.filter(({ conditional }) => conditional).length).toBeGreaterThan(10)
    expect(list.find(({ modelId }) => modelId === 'gpt-4o-mini')).toMatchObject({ inputRatePerKTokens: 0.00015 })
  })

  it('may be set again, and what is left out is at its list price once more', async () => {
    now += 1
    await server.send('PUT', '/api/v1/finops/valuation-rates', { modelId: 'gpt-4o', inputRatePerKTokens: 0 }, acme)
    expect((await track({}, acme)).body.cost).toBe('0.005')
  })
})

describe('trends and allocations', () => {
  it('are of local days, with what names no agent in a line of its own', async () => {
    for (const [organization, agent, day, cost] of [
      ['shop', 'x', 0, '1'],
      ['shop', 'x', 2, '2.5'],
      ['shop', 'y', 1, '0.5'],
      ['shop', null, 1, '0.25'],
      ['shop', 'x', 9, '100'],
    ] as const) {
      await track({ organization_id: organization, agent_name: agent, cost_usd: cost, timestamp: new Date(NOW - day * DAY).toISOString() })
    }
    const berlin = (await get('trends?organizationId=shop&days=3&zone=Europe/Berlin')).body
    expect(memberAt(berlin, 'daily')).toMatchObject([
      { date: '2026-11-20', costUsdExact: '2.5' },
      { date: '2026-11-21', costUsdExact: '0.75', calls: 2 },
      { date: '2026-11-22', costUsdExact: '1' },
    ])
    const utc = (await get('trends?organizationId=shop&days=3')).body
    expect(memberAt(utc, 'daily.0.date')).toBe('2026-11-19')
    expect(memberAt(utc, 'series')).toMatchObject([
      { agentId: 'x', costUsdExact: '3.5', daily: [{ costUsdExact: '2.5' }, { costUsdExact: '0', calls: 0 }, { costUsdExact: '1' }] },
      { agentId: 'y', costUsdExact: '0.5' },
      { agentId: null, costUsdExact: '0.25' },
    ])
    const shares = (await get('allocations?organizationId=shop&days=3')).body
    expect(shares).toMatchObject({
      costUsdExact: '4.25',
      allocations: [
        { agentId: 'x', sharePercent: 82.35 },
        { agentId: 'y', sharePercent: 11.77 },
      ],
      unattributed: { costUsdExact: '0.25', sharePercent: 5.88 },
      others: null,
    })
    const cut = (await get('allocations?organizationId=shop&days=90&limit=1')).body
    expect(cut).toMatchObject({ allocations: [{ agentId: 'x' }], unattributed: { costUsdExact: '0.25' }, others: { costUsdExact: '0.5' } })
  })

  it('show an unknown price as unknown', async () => {
    await track({ organization_id: 'dark', model: 'nobody-knows-1' })
    expect((await get('trends?organizationId=dark&days=1')).body).toMatchObject({
      costUsd: null,
      costUsdExact: null,
      calls: 1,
      unpricedCalls: 1,
    })
    expect((await get('allocations/by-model?organizationId=dark')).body).toMatchObject({
      allocations: [{ modelId: 'nobody-knows-1', costUsd: null, sharePercent: null }],
    })
    expect((await get('burn-rates/active?organizationId=dark')).body).toMatchObject([
      { costUsd: null, burnRateUsdPerHour: null, unpricedCalls: 1 },
    ])
  })

  it('are of one organization for its key', async () => {
    expect((await get('trends', acme)).body).toMatchObject({ series: [{ organizationId: 'acme' }] })
    for (const path of [
      'trends',
      'allocations',
      'allocations/by-model',
      'burn-rates/active',
      'anomalies/active',
      'roi-stats',
      'cache-impact',
      'baselines',
      'valuation-rates',
    ]) {
      expect((await get(`${path}?organizationId=shop`, acme)).body, path).toMatchObject({ code: 'forbidden', path: '/organizationId' })
    }
  })
})

describe('burn rates and anomalies', () => {
  it('leave out sessions and runs that have ended', async () => {
    const call = { organization_id: 'live', cost_usd: '0.5' }
    await track({ ...call, session_id: 'open' })
    await track({ ...call, session_id: 'closed' })
    await track({ ...call, workflow_id: 'run-open', workflow_name: 'w' })
    await track({ ...call, workflow_id: 'run-closed', workflow_name: 'w' })
    await server.send('POST', '/v1/finops/sessions/closed/end', { organization_id: 'live' }, admin)
    await server.send('POST', '/v1/finops/workflows/end', { workflow_id: 'run-closed', organization_id: 'live' }, admin)
    const { body } = await get('burn-rates/active?organizationId=live&window=1h')
    expect(
      (body as unknown as { sessionId: string; runId: string; burnRateUsdPerHour: number }[])
        .map(({ sessionId, runId, burnRateUsdPerHour }) => [sessionId, runId, burnRateUsdPerHour])
        .sort(),
    ).toEqual([
      [null, 'run-open', 6],
      ['open', null, 6],
    ])
  })

  it('compare each organization with its own baselines and multiplier', async () => {
    for (const organizationId of ['live', 'globex']) {
      await server.send('PUT', '/api/v1/finops/baselines/a', { baselineUsdPerHour: 1, organizationId }, admin)
    }
    const anomalies = async () =>
      (await get('anomalies/active?details=true&organizationId=live')).body as unknown as {
        sessionId: string | null
        anomalyRatio: number
        details: { organizationId: string; runId: string | null }
      }[]
    expect(
      (await anomalies())
        .map(({ sessionId, anomalyRatio, details }) => [details.organizationId, sessionId, details.runId, anomalyRatio])
        .sort(),
    ).toEqual([
      ['live', null, 'run-open', 6],
      ['live', 'open', null, 6],
    ])
    await server.send('PUT', '/api/v1/finops/anomalies/settings', { multiplier: 6, organizationId: 'live' }, admin)
    expect(await anomalies()).toEqual([])
    now += 16 * 60_000
    expect((await get('burn-rates/active?organizationId=live')).body).toEqual([])
    now -= 16 * 60_000
  })
})

describe('where nobody has set a baseline', () => {
  it('the history of the agent says what is normal, and what is set outranks it', async () => {
    const hour = 3_600_000
    const calls = Array.from({ length: 15 * 24 }, (_, back) => ({
      ...{ organization_id: 'steady', agent_name: 'clerk', model: 'gpt-4o', input_tokens: 1, output_tokens: 1, cost_usd: '0.1' },
      timestamp: new Date(NOW - (back + 1) * hour).toISOString(),
    }))
    expect((await server.send('POST', '/v1/finops/calls/batch', { calls }, admin)).body).toMatchObject({ refused: 0 })
    const anomalies = async () => (await get('anomalies/active?organizationId=steady&details=true')).body
    expect(await anomalies()).toEqual([])
    await track({ organization_id: 'steady', agent_name: 'clerk', session_id: 'burst', cost_usd: '2' })
    const [found] = (await anomalies()) as unknown as { burnRateUsdPerHour: number; baselineUsdPerHour: number; details: object }[]
    expect(found).toMatchObject({ sessionId: 'burst', agentId: 'clerk', burnRateUsdPerHour: 24, details: { baselineSource: 'learned' } })
    expect(found?.baselineUsdPerHour).toBeCloseTo(0.1, 2)
    await server.send('PUT', '/api/v1/finops/baselines/clerk', { baselineUsdPerHour: 5, organizationId: 'steady' }, admin)
    expect(await anomalies()).toMatchObject([{ baselineUsdPerHour: 5, anomalyRatio: 4.8, details: { baselineSource: 'set' } }])
  })
})

describe('what caches save', () => {
  it('is counted since the start, and read from the journal for days and all time, to the same amounts', async () => {
    const org = { organization_id: 'cached' }
    await track({ ...org, cost_usd: 0, tags: { cache: 'hit' } })
    await track({ ...org, tags: { cache: 'miss' } })
    await track({ ...org, cache_read_tokens: 800, timestamp: new Date(NOW - DAY).toISOString() })
    await track({ ...org, model: 'text-embedding-3-small', input_tokens: 1_000_000, output_tokens: 0 })
    await track({ ...org, model: 'nobody-knows-1', cost_usd: 0, tags: { cache: 'hit' } })
    const expected = {
      cacheSavingsUsdExact: '0.0075',
      embeddingCostUsdExact: '0.02',
      netRoiUsdExact: '-0.0125',
      semanticCache: { hits: 2, misses: 1, hitRate: 0.666667, hitsOfUnknownSaving: 1, hitsCharged: 0 },
      promptCache: { savingsUsdExact: '0.001', calls: 1, cachedTokens: 800 },
      unknown: '1 hits of the semantic cache say no tokens, or are of a model without a price',
    }
    for (const period of ['roi-stats?', 'roi-stats?days=2&', 'roi-stats?period=all&', 'cache-impact?days=2&']) {
      expect((await get(`${period}organizationId=cached`)).body, period).toMatchObject(expected)
    }
    expect((await get('roi-stats?days=1&organizationId=cached')).body).toMatchObject({ period: 'days', promptCache: { calls: 0 } })
    const impact = (await get('cache-impact?days=2&organizationId=cached')).body
    expect(memberAt(impact, 'series')).toMatchObject([
      { start: '2026-11-20T00:00:00.000Z', promptCache: { calls: 1 }, semanticCache: { hits: 0, hitRate: null } },
      { start: '2026-11-21T00:00:00.000Z', promptCache: { calls: 0 }, cacheSavingsUsdExact: '0.0075' },
    ])
    const hourly = (await get('cache-impact?days=1&interval=hour&organizationId=cached&model=gpt-4o')).body
    expect((memberAt(hourly, 'series') as unknown[]).length).toBe(24)
    expect(memberAt(hourly, 'series.23')).toMatchObject({
      start: '2026-11-21T23:00:00.000Z',
      semanticCache: { hits: 1 },
      embeddings: { calls: 0 },
    })
    expect((await get('cache-impact?organizationId=cached&agentId=nobody')).body).toMatchObject({
      cacheSavingsUsdExact: '0',
      promptCache: { calls: 0 },
    })
  })

  it('follows what a call costs by now', async () => {
    const org = { organization_id: 'late' }
    await track({ ...org, model: 'embedding-of-tomorrow', output_tokens: 0 })
    const roi = async (query: string) => (await get(`roi-stats?organizationId=late${query}`)).body
    expect(await roi('&period=all')).toMatchObject({ embeddingCostUsdExact: '0', embeddings: { calls: 1, unpricedCalls: 1 } })
    await server.send(
      'PUT',
      '/api/v1/finops/valuation-rates',
      { modelId: 'embedding-of-tomorrow', inputRatePerKTokens: 0.5, organizationId: 'late' },
      admin,
    )
    await server.send(
      'PUT',
      '/v1/finops/rates',
      { model: 'embedding-of-tomorrow', input_per_1k: '0.5', output_per_1k: '0', valid_from: '2026-01-01', organization_id: 'late' },
      admin,
    )
    const repriced = await server.send('POST', '/v1/finops/reprice', { organization_id: 'late' }, admin)
    expect(repriced.body).toMatchObject({ adjusted: 1 })
    expect(await roi('&period=all')).toMatchObject({
      embeddingCostUsdExact: '0.5',
      embeddings: { calls: 1, unpricedCalls: 0 },
      unknown: null,
    })
    // Since the start it is as it was first posted.
    expect(await roi('')).toMatchObject({ embeddingCostUsdExact: '0', embeddings: { unpricedCalls: 1 } })
  })
})
