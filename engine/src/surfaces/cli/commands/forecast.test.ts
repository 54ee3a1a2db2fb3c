import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { purser } from '../../../../../conformance/cli/purser.ts'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import { createInvoke } from '../../../operations/index.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')

describe('purser forecast', () => {
  let server: TestServer
  beforeEach(async () => {
    server = await testServer({ now: () => NOW })
  })
  afterEach(() => server.close())

  it('shows the month, its values and its budgets in 80 columns', async () => {
    const calls = Array.from({ length: 40 }, (_, back) => ({
      organization_id: 'acme',
      team: 'a-team-with-quite-a-long-name-for-a-narrow-terminal',
      model: 'my-own',
      cost_usd: (100 + (back % 5)).toFixed(2),
      timestamp: new Date(NOW - (back + 1) * 86_400_000).toISOString(),
    }))
    calls.push({ organization_id: 'acme', team: 'new', model: 'my-own', cost_usd: '3', timestamp: new Date(NOW - 3_600_000).toISOString() })
    expect((await server.send('POST', '/v1/finops/calls/batch', { calls })).status).toBe(200)
    const budgets = [
      { dimension: 'team', value: calls[0]?.team, period: 'month', limit_usd: '2500', name: 'research' },
      { dimension: 'organization', value: 'acme', period: 'month', limit_usd: '2000' },
      { dimension: 'team', value: 'new', period: 'month', limit_usd: '10' },
      { dimension: 'organization', value: 'acme', period: 'rolling:24h', limit_usd: '101.5' },
    ]
    for (const said of budgets) {
      expect(
        (await server.send('PUT', '/v1/finops/budgets', { organization_id: 'acme', mode: 'soft', unpriced: 'allow', ...said })).status,
      ).toBe(200)
    }
    const invoke = createInvoke(server.services)
    const { code, out, err } = await purser(['forecast', '--org', 'acme', '--by', 'team', '--days'], invoke, 80)
    expect([code, err]).toEqual([0, ''])
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(out).toMatch(/^2026-11-01 to 2026-11-30 \(UTC\)$/m)
    expect(out).toMatch(/^spent +\$2,1\d\d\.\d\d$/m)
    expect(out).toMatch(/^all +\$3,0\d\d\.\d\d, in 4 of 5 cases from \$/m)
    expect(out).toMatch(/^2026-11-30 +\$10\d\.\d\d +\$/m)
    expect(out).toMatch(/^new +\$3\.00 +too early/m)
    expect(out).toMatch(/^research.* \$2,500\.00 +\$2,1\S+ +\$3,0\S+ +100% +2026-11-2[56]$/m)
    const all = await purser(['forecast', '--org', 'acme', '--month'], invoke, 80)
    expect(all.out).toMatch(/^organization acme, month +\$2,000\.00 +\$2,\S+ +100% +passed$/m)
    expect((await purser(['forecast', '--by', 'colour'], invoke)).code).toBe(1)
    expect(JSON.parse((await purser(['forecast', '--json'], invoke)).out)).toMatchObject({ status: 'forecast' })
  })

  it('says that it is too early', async () => {
    const { code, out } = await purser(['forecast'], createInvoke(server.services), 80)
    expect(code).toBe(0)
    expect(out).toContain('Not enough history: 0 whole days of spend are known, and it takes 7.')
    expect(out).not.toMatch(/^all/m)
  })
})
