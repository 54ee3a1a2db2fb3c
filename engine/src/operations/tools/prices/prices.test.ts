import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
let server: TestServer

beforeAll(async () => {
  server = await testServer({ now: () => NOW })
})
afterAll(() => server.close())

const use = (tool: string, input: object = {}): Promise<Answer> => server.send('POST', '/v1', { tool, input })
const spend = async (agentName: string, cost: string, more: object = {}): Promise<void> => {
  const posted = await server.send('POST', '/v1/finops/calls/track', {
    agent_name: agentName,
    model: 'some-model',
    cost_usd: cost,
    ...more,
  })
  expect(posted.status, posted.text).toBe(200)
}

describe('prices', () => {
  it('volume discounts are those that were declared, and none before', async () => {
    await spend('p1', '100')
    const none = await use('get_volume_discount', { agent_id: 'p1' })
    expect(none.body).toEqual({ agent_id: 'p1', current_tier: 'none', discount_pct: 0, monthly_volume: '100' })
    const declared = await server.send('PUT', '/v1/finops/discounts', {
      tiers: [
        { name: 'gold', from_usd: '1000', discount_pct: 12.5 },
        { name: 'silver', from_usd: 100, discount_pct: 5 },
      ],
    })
    expect(declared.body.tiers).toEqual([
      { name: 'silver', from_usd: '100', discount_pct: 5 },
      { name: 'gold', from_usd: '1000', discount_pct: 12.5 },
    ])
    expect((await use('get_volume_discount', { agent_id: 'p1' })).body).toEqual({
      agent_id: 'p1',
      current_tier: 'silver',
      discount_pct: 5,
      monthly_volume: '100',
      next_tier: 'gold',
      next_tier_threshold: '1000',
      next_tier_discount_pct: 12.5,
    })
    const below = await use('get_volume_discount', { agent_id: 'nobody' })
    expect(below.body).toMatchObject({ current_tier: 'none', discount_pct: 0, monthly_volume: '0', next_tier: 'silver' })
    const wrong = await server.send('PUT', '/v1/finops/discounts', {
      tiers: [
        { name: 'a', from_usd: '1', discount_pct: 5 },
        { name: 'b', from_usd: '2', discount_pct: 4 },
      ],
    })
    expect([wrong.status, wrong.body.path]).toEqual([400, '/tiers/1/discount_pct'])
    const audit = await server.send('GET', '/v1/finops/audit?limit=1000')
    expect((audit.body.entries as { action: string }[]).filter(({ action }) => action === 'set_discounts')).toHaveLength(1)
  })

  it('estimates by a rate of the organization, by a model, by our own tools; else says that nothing is known', async () => {
    await server.send('PUT', '/v1/finops/rates', { model: 'summarize_gpt4o', rates: [{ meter: 'request', price: '0.03', per: 1 }] })
    await server.send('PUT', '/v1/finops/rates', { model: 'summarize_claude', input_per_1m: '2', output_per_1m: '10' })
    const estimate = async (tool: string, parameters?: object): Promise<unknown[]> => {
      const { body } = await use('estimate_cost', { tool, ...(parameters === undefined ? {} : { parameters }) })
      return [body.estimated_cost, body.status, body.basis]
    }
    expect(await estimate('summarize_gpt4o', { tokens: 2000 })).toEqual(['0.03', 'estimated', 'the rates of the organization'])
    expect(await estimate('summarize_gpt4o')).toEqual(['0.03', 'exact', 'the rates of the organization'])
    expect(await estimate('summarize_claude', { tokens: 2000 })).toEqual(['0.02', 'estimated', 'the rates of the organization'])
    expect(await estimate('summarize_claude', { input_tokens: 1000, output_tokens: 100 })).toEqual([
      '0.003',
      'exact',
      'the rates of the organization',
    ])
    expect(await estimate('summarize_claude')).toEqual([undefined, 'unpriced', null])
    expect(await estimate('inference', { model: 'gpt-4o', input_tokens: 1000, output_tokens: 100 })).toEqual([
      '0.0035',
      'exact',
      'the price of gpt-4o at openai',
    ])
    expect(await estimate('gpt-4o', { tokens: 1000 })).toEqual(['0.01', 'estimated', 'the price of gpt-4o at openai'])
    expect(await estimate('search_services', { query: 'x' })).toEqual(['0', 'exact', 'free unless a rate is set for it'])
    await server.send('PUT', '/v1/finops/rates', {
      provider: 'purser',
      model: 'search_services',
      rates: [{ meter: 'request', price: '0.002', per: 1 }],
    })
    expect(await estimate('search_services', { query: 'x' })).toEqual(['0.002', 'exact', 'the rates of the organization'])
    const unknown = await use('estimate_cost', { tool: 'inference_llama', parameters: { task_type: 'x' } })
    expect(unknown.body).toMatchObject({ status: 'unpriced', basis: null })
    expect(unknown.body).not.toHaveProperty('estimated_cost')
    expect((unknown.body.notes as string[]).at(-1)).toMatch(/set a rate for it/)
    const wrong = await use('estimate_cost', { tool: 'gpt-4o', parameters: { tokens: -1 } })
    expect([wrong.status, wrong.body.path]).toEqual([400, '/input/parameters/tokens'])
  })

  it('converts by dated rates, and refuses a currency without one', async () => {
    const before = await use('convert_currency', { amount: '85.5', from_currency: 'EUR', to_currency: 'USD' })
    expect([before.status, before.body.code, before.body.path, before.body.known_currencies]).toEqual([
      400,
      'invalid_field',
      '/input/from_currency',
      ['USD'],
    ])
    await server.send('PUT', '/v1/finops/fx', { currency: 'EUR', usd_per_unit: '1.0842', as_of: '2026-11-20', source: 'ECB' })
    await server.send('PUT', '/v1/finops/fx', { currency: 'JPY', usd_per_unit: '0.0064', as_of: '2026-11-19', source: 'ECB' })
    const convert = async (amount: string, from: string, to: string): Promise<unknown[]> => {
      const { body } = await use('convert_currency', { amount, from_currency: from, to_currency: to })
      return [body.converted_amount, body.rate, body.as_of, body.source]
    }
    expect(await convert('85.5', 'EUR', 'USD')).toEqual(['92.6991', '1.0842', '2026-11-20', 'ECB'])
    expect(await convert('12000', 'JPY', 'usd')).toEqual(['76.8', '0.0064', '2026-11-19', 'ECB'])
    expect(await convert('1', 'EUR', 'JPY')).toEqual(['169.40625', '169.40625', '2026-11-19', 'ECB'])
    expect(await convert('1', 'USD', 'EUR')).toEqual(['0.922339051835', '0.922339051835454713', '2026-11-20', 'ECB'])
    expect(await convert('3.10', 'USD', 'USD')).toEqual(['3.1', '1', null, null])
    const unknown = await use('convert_currency', { amount: '1', from_currency: 'USD', to_currency: 'XYZ' })
    expect([unknown.status, unknown.body.path]).toEqual([400, '/input/to_currency'])
  })
})

describe('the fleet', () => {
  it('ranks agents by what their money bought, and gives its figures', async () => {
    const fleet = await testServer({ now: () => NOW })
    try {
      const ask = (tool: string, input: object = {}) => fleet.send('POST', '/v1/v1', { tool, input })
      const calls = [
        ...Array.from({ length: 4 }, () => ({ agent_name: 'thrifty', model: 'm', cost_usd: '0.5' })),
        { agent_name: 'thrifty', model: 'm', cost_usd: '0', success: false, error: 'x' },
        { agent_name: 'lavish', model: 'm', cost_usd: '10' },
        { agent_name: 'unknown', model: 'a-model-of-nobody', input_tokens: 1 },
        { model: 'm', cost_usd: '1' },
        { agent_name: 'past', model: 'm', cost_usd: '1', timestamp: '2026-10-31T23:00:00Z' },
      ]
      await fleet.send('POST', '/v1/finops/calls/batch', { calls })
      const empty = await ask('get_platform_stats')
      expect(empty.body).toMatchObject({ agents_with_caps: 0, agents_over_budget: 0 })
      expect(empty.body).not.toHaveProperty('budget_utilization_pct')
      const { body } = await ask('get_agent_leaderboard')
      expect(body.agents).toEqual([
        {
          rank: 1,
          agent_id: 'thrifty',
          efficiency_score: 2,
          total_spend: '2',
          calls: 5,
          successful_calls: 4,
          success_rate: 0.8,
          unpriced_calls: 0,
        },
        {
          rank: 2,
          agent_id: 'lavish',
          efficiency_score: 0.1,
          total_spend: '10',
          calls: 1,
          successful_calls: 1,
          success_rate: 1,
          unpriced_calls: 0,
        },
        { rank: 3, agent_id: 'unknown', calls: 1, successful_calls: 1, success_rate: 1, unpriced_calls: 1 },
      ])
      const order = async (metric: string) =>
        ((await ask('get_agent_leaderboard', { metric })).body.agents as { agent_id: string }[]).map(({ agent_id }) => agent_id)
      expect(await order('total_spend')).toEqual(['lavish', 'thrifty', 'unknown'])
      expect(await order('calls')).toEqual(['thrifty', 'lavish', 'unknown'])
      expect(await order('success_rate')).toEqual(['lavish', 'unknown', 'thrifty'])
      await ask('set_budget_cap', { agent_id: 'thrifty', daily_limit: '2', monthly_limit: '8' })
      await ask('set_budget_cap', { agent_id: 'lavish', daily_limit: '20', monthly_limit: '40' })
      expect((await ask('get_platform_stats')).body).toEqual({
        active_agents: 3,
        total_spend_mtd: '13',
        avg_cost_per_call: '1.857142857143',
        total_calls_mtd: 8,
        unpriced_calls_mtd: 1,
        budget_utilization_pct: 25,
        agents_with_caps: 2,
        agents_over_budget: 1,
        period_start: '2026-11-01T00:00:00.000Z',
      })
    } finally {
      await fleet.close()
    }
  })
})
