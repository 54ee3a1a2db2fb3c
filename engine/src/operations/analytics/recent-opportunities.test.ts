import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { picos, ZERO } from '../../kernel/index.ts'
import { createRecentOpportunities } from './recent-opportunities.ts'

const START = Date.parse('2026-11-22T10:00:10Z')
let now = START

describe('recent opportunities', () => {
  const reports = () => {
    now = START
    let computed = 0
    const recent = createRecentOpportunities(() => now)
    const ask = async (organization: string, to = now) => {
      const { report, asOf } = await recent.recent({ scope: { organization }, to, atLeast: 0 }, async () => {
        computed += 1
        return { opportunities: [], totalPotentialSavings: picos(BigInt(computed)), totalCost: ZERO }
      })
      return [Number(report.totalPotentialSavings), asOf - START]
    }
    return { recent, ask }
  }

  it('are computed again after a minute and not before', async () => {
    const { ask } = reports()
    const to = START
    expect(await ask('a', to)).toEqual([1, 0])
    now = START + 59_999
    expect(await ask('a', to)).toEqual([1, 0])
    now = START + 60_000
    expect(await ask('a', to)).toEqual([2, 60_000])
    now = START
    expect(await ask('a', to)).toEqual([3, 0])
  })

  it('are of one organization and one span, to the minute', async () => {
    const { ask } = reports()
    expect(await ask('a')).toEqual([1, 0])
    expect(await ask('b')).toEqual([2, 0])
    expect(await ask('a', START + 49_999)).toEqual([1, 0])
    expect(await ask('a', START + 50_000)).toEqual([3, 0])
  })

  it('are computed once for those who ask at once, and a failure is not kept', async () => {
    const { recent, ask } = reports()
    expect(await Promise.all([ask('a'), ask('a')])).toEqual([
      [1, 0],
      [1, 0],
    ])
    const query = { scope: { allOrganizations: true }, atLeast: 0 } as const
    await expect(recent.recent(query, () => Promise.reject(new Error('busy')))).rejects.toThrow('busy')
    const report = { opportunities: [], totalPotentialSavings: ZERO, totalCost: ZERO }
    expect(await recent.recent(query, async () => report)).toEqual({ report, asOf: START })
  })

  it('are forgotten oldest first when there are very many', async () => {
    const { ask } = reports()
    for (let index = 0; index <= 100; index += 1) await ask(`org-${index}`)
    expect(await ask('org-1')).toEqual([2, 0])
    expect(await ask('org-0')).toEqual([102, 0])
  })
})

describe('the overview', () => {
  let server: TestServer
  beforeEach(async () => {
    now = START
    server = await testServer({ now: () => now })
  })
  afterEach(() => server.close())

  const track = async (times: number, start: number): Promise<void> => {
    const calls = Array.from({ length: times }, (_, index) => ({
      call_id: `c${start + index}`,
      organization_id: 'acme',
      agent_name: 'planner',
      model: 'gpt-4o',
      input_tokens: 100_000,
      output_tokens: 1_000,
    }))
    await server.send('POST', '/v1/finops/calls/batch', { calls })
  }
  const ask = async () => {
    const overview = (await server.send('GET', '/v1/finops/dashboard/overview?organization_id=acme')).body as {
      summary: { total_calls: number }
      optimization: { opportunities_count: number; potential_savings_usd: number; as_of: string }
    }
    const found = (await server.send('GET', '/v1/finops/optimization/opportunities?organization_id=acme')).body as {
      opportunities: unknown[]
      total_potential_savings: number
    }
    return { ...overview.optimization, calls: overview.summary.total_calls, found }
  }

  it('says the same as find_opportunities as of the time it names, and the rest is of now', async () => {
    await track(20, 0)
    const first = await ask()
    expect(first).toMatchObject({ as_of: '2026-11-22T10:00:10.000Z', calls: 20 })
    expect(first.potential_savings_usd).toBeGreaterThan(0)
    expect([first.opportunities_count, first.potential_savings_usd]).toEqual([
      first.found.opportunities.length,
      first.found.total_potential_savings,
    ])
    await track(20, 20)
    now = START + 59_000
    const second = await ask()
    expect(second).toMatchObject({ as_of: first.as_of, calls: 40, potential_savings_usd: first.potential_savings_usd })
    expect(second.found.total_potential_savings).toBeGreaterThan(first.potential_savings_usd)
    now = START + 60_000
    const third = await ask()
    expect(third).toMatchObject({ as_of: '2026-11-22T10:01:10.000Z', potential_savings_usd: second.found.total_potential_savings })
  })
})
