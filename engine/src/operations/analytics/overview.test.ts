import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../conformance/http/test-server.ts'

const START = Date.parse('2026-11-22T10:00:10Z')
let now = START

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

  it('says the same as find_opportunities, of now, however often it is asked', async () => {
    for (let times = 0; times < 3; times += 1) {
      now = START + times * 1_000
      await track(20, times * 20)
      const { calls, as_of, opportunities_count, potential_savings_usd, found } = await ask()
      expect(potential_savings_usd).toBeGreaterThan(0)
      expect({ calls, as_of, opportunities_count, potential_savings_usd }).toEqual({
        calls: (times + 1) * 20,
        as_of: new Date(now).toISOString(),
        opportunities_count: found.opportunities.length,
        potential_savings_usd: found.total_potential_savings,
      })
    }
  })
})
