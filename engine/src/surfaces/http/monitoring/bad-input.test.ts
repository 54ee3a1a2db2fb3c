import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

interface Wrong {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly status: number
  readonly code: string
  readonly at?: string
}

const { requests }: { requests: readonly Wrong[] } = JSON.parse(
  readFileSync(new URL('../../../../../conformance/http/monitoring-bad-input.json', import.meta.url), 'utf8'),
)

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())

describe('what is wrong is refused with its code and path', () => {
  it.each(requests.map((wrong) => [`${wrong.method} ${wrong.path} ${JSON.stringify(wrong.body ?? null)}`, wrong] as const))(
    '%s',
    async (_, wrong) => {
      const answer = await server.send(wrong.method, wrong.path, wrong.body)
      expect(answer.body, answer.text).toMatchObject({
        status: wrong.status,
        code: wrong.code,
        ...(wrong.at === undefined ? {} : { path: wrong.at }),
      })
      expect(answer.status).toBe(wrong.status)
    },
  )

  it('and has changed nothing', async () => {
    expect((await server.send('GET', '/api/v1/finops/baselines')).body).toEqual([])
    expect((await server.send('GET', '/api/v1/finops/valuation-rates?own=true')).body).toEqual([])
    expect((await server.send('GET', '/api/v1/finops/anomalies/settings')).body).toMatchObject({ multiplier: 3, setAt: null })
    expect((await server.send('GET', '/v1/finops/audit')).body).toMatchObject({ entries: [] })
  })
})

describe('an empty history has clear answers', () => {
  const get = async (path: string) => (await server.send('GET', `/api/v1/finops/${path}`)).body

  it('trends are days of nothing, allocations have no shares', async () => {
    expect(await get('trends?days=3')).toMatchObject({
      costUsdExact: '0',
      calls: 0,
      series: [],
      others: null,
      daily: [{ calls: 0 }, { calls: 0 }, { calls: 0 }],
    })
    expect(await get('allocations?days=3')).toMatchObject({
      allocations: [],
      unattributed: { costUsdExact: '0', sharePercent: null },
      others: null,
    })
    expect(await get('allocations/by-model')).toMatchObject({ allocations: [], calls: 0 })
  })

  it('nothing burns, nothing is anomalous, nothing was saved', async () => {
    expect(await get('burn-rates/active')).toEqual([])
    expect(await get('anomalies/active?window=24h')).toEqual([])
    expect(await get('roi-stats?period=all')).toMatchObject({ since: null, netRoiUsdExact: '0', semanticCache: { hits: 0, hitRate: null } })
    expect(await get('cache-impact?days=1&interval=hour')).toMatchObject({ netRoiUsd: 0, unknown: null })
  })

  it('an agent that nobody knows may have a baseline, and is said not to be known', async () => {
    const answer = await server.send('PUT', '/api/v1/finops/baselines/finance_agnet', { baselineUsdPerHour: '0.50' })
    expect(answer.body).toMatchObject({ agentSeen: false, baselineUsdPerHourExact: '0.5' })
    expect((await server.send('DELETE', '/api/v1/finops/baselines/finance_agnet')).body).toMatchObject({ removed: true })
    expect((await server.send('DELETE', '/api/v1/finops/baselines/finance_agnet')).body).toMatchObject({ removed: false })
    const { entries } = (await server.send('GET', '/v1/finops/audit')).body as {
      entries: { action: string; target: string; before: unknown; after: unknown }[]
    }
    expect(entries.map(({ action, target, before, after }) => [action, target, before, after])).toEqual([
      ['set_burn_baseline', 'finance_agnet', null, { usdPerHour: '0.5' }],
      ['remove_burn_baseline', 'finance_agnet', { usdPerHour: '0.5' }, null],
    ])
  })
})
