import { TOOLS } from '@purser/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { FleetClient } from '../../../../conformance/tools/client.ts'
import envelopes from '../../../../conformance/tools/envelopes.json' with { type: 'json' }
import fields from '../../../../conformance/tools/fields.json' with { type: 'json' }

const NOW = Date.parse('2026-11-22T10:00:00Z')
let server: TestServer

beforeAll(async () => {
  server = await testServer({ now: () => NOW })
})
afterAll(() => server.close())

const use = (tool: string, input: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  server.send('POST', '/v1', { tool, input }, headers)
const agent = (agentId: string): FleetClient => new FleetClient({ url: server.url, apiKey: 'sandbox', agentId })
const spend = async (agentName: string, cost: string, more: object = {}): Promise<void> => {
  const posted = await server.send('POST', '/v1/finops/calls/track', {
    agent_name: agentName,
    model: 'some-model',
    cost_usd: cost,
    ...more,
  })
  expect(posted.status, posted.text).toBe(200)
}

describe('caps', () => {
  it('sets a day and a month, changes them, and says when nothing changed', async () => {
    const set = await use('set_budget_cap', { agent_id: 'c1', daily_limit: '25.00', monthly_limit: '500.0' })
    expect(set.body).toEqual({ agent_id: 'c1', daily_limit: '25', monthly_limit: '500', zone: 'UTC', status: 'created' })
    const again = await use('set_budget_cap', { agent_id: 'c1', daily_limit: '25.0', monthly_limit: '500' })
    expect(again.body).toMatchObject({ status: 'unchanged' })
    const daily = await use('set_budget_cap', { agent_id: 'c1', daily_limit: 14.5 })
    expect(daily.body).toMatchObject({ status: 'changed', daily_limit: '14.5', monthly_limit: '500' })
    const budgets = await server.send('GET', '/v1/finops/budgets?dimension=agent&value=c1')
    expect(
      (budgets.body.budgets as { period: string; limit_usd: string; mode: string }[]).map((b) => [b.period, b.limit_usd, b.mode]),
    ).toEqual([
      ['month', '500', 'hard'],
      ['day', '14.5', 'hard'],
    ])
  })

  it('raises and lowers both in one step, whichever has to go first', async () => {
    for (const [daily, monthly] of [
      ['10', '20'],
      ['100', '200'],
      ['1', '2'],
      ['2', '2'],
      ['0', '0'],
      ['5', '50'],
    ]) {
      const set = await use('set_budget_cap', { agent_id: 'c2', daily_limit: daily, monthly_limit: monthly })
      expect([set.status, set.body.daily_limit, set.body.monthly_limit], set.text).toEqual([200, daily, monthly])
    }
  })

  it('refuses a day that its month never lets be reached, and changes nothing', async () => {
    await use('set_budget_cap', { agent_id: 'c3', daily_limit: '10', monthly_limit: '100' })
    const both = await use('set_budget_cap', { agent_id: 'c3', daily_limit: '300', monthly_limit: '200' })
    const one = await use('set_budget_cap', { agent_id: 'c3', daily_limit: '101' })
    for (const refused of [both, one]) {
      expect([refused.status, refused.body.code, refused.body.path]).toEqual([400, 'invalid_field', '/input/daily_limit'])
      expect(refused.body.detail).toMatch(/can never be reached/)
    }
    expect((await use('get_budget_status', { agent_id: 'c3' })).body).toMatchObject({ daily_limit: '10', monthly_limit: '100' })
  })

  it('keeps what a budget of the agent had of its own, makes it hard, and moves it to another zone when told to', async () => {
    const own = {
      dimension: 'agent',
      value: 'c4',
      period: 'day',
      limit_usd: '3',
      mode: 'soft',
      thresholds: [50],
      unpriced: 'allow',
      zone: 'Europe/Berlin',
    }
    await server.send('PUT', '/v1/finops/budgets', { ...own, name: 'mine' })
    await spend('c4', '1')
    const kept = await use('set_budget_cap', { agent_id: 'c4', daily_limit: '4' })
    expect(kept.body).toMatchObject({ status: 'changed', zone: 'Europe/Berlin' })
    const moved = await use('set_budget_cap', { agent_id: 'c4', daily_limit: '4', zone: 'UTC' })
    expect(moved.body).toMatchObject({ status: 'changed', zone: 'UTC' })
    const budgets = await server.send('GET', '/v1/finops/budgets?dimension=agent&value=c4')
    expect(budgets.body.budgets).toMatchObject([
      { name: 'mine', mode: 'hard', thresholds: [50], unpriced: 'allow', zone: 'UTC', limit_usd: '4', standings: [{ spent_usd: '1' }] },
    ])
  })

  it('says which amounts it rounded', async () => {
    const set = await use('set_budget_cap', { agent_id: 'c5', daily_limit: '14.999999999999998', monthly_limit: '1e+2' })
    expect(set.body).toMatchObject({ daily_limit: '15', monthly_limit: '100', rounded_from: { daily_limit: '14.999999999999998' } })
  })
})

describe('the status of a budget', () => {
  it('has no limit where none is set, and what was spent all the same', async () => {
    await spend('s1', '0.125')
    const { body } = await use('get_budget_status', { agent_id: 's1' })
    expect(body).toMatchObject({
      agent_id: 's1',
      spent_today: '0.125',
      spent_this_month: '0.125',
      held: '0',
      exhausted: false,
      zone: 'UTC',
    })
    for (const name of ['daily_limit', 'monthly_limit', 'remaining_daily', 'remaining_monthly']) expect(body).not.toHaveProperty(name)
    expect(body.resets).toEqual({ daily: '2026-11-23T00:00:00.000Z', monthly: '2026-12-01T00:00:00.000Z' })
  })

  it('counts what is held, with a cap and without', async () => {
    const held = { model: 'gpt-4o', input_tokens: 1000, max_output_tokens: 1000 }
    const without = await use('authorize_call', { agent_id: 's2', ...held })
    expect((await use('get_budget_status', { agent_id: 's2' })).body).toMatchObject({ held: without.body.held_usd, spent_today: '0' })
    await use('set_budget_cap', { agent_id: 's3', daily_limit: '1', monthly_limit: '10' })
    const { body } = await use('authorize_call', { agent_id: 's3', ...held })
    expect((await use('get_budget_status', { agent_id: 's3' })).body).toMatchObject({ held: body.held_usd, remaining_daily: '0.9875' })
    const settled = await use('settle_call', {
      agent_id: 's3',
      call_id: body.call_id,
      model: 'gpt-4o',
      input_tokens: 1000,
      output_tokens: 100,
    })
    expect(settled.body).toMatchObject({ cost: '0.0035', status: 'exact' })
    expect((await use('get_budget_status', { agent_id: 's3' })).body).toMatchObject({
      held: '0',
      spent_today: '0.0035',
      remaining_daily: '0.9965',
    })
  })

  it('leaves out what is not known, and counts the calls without a price', async () => {
    await server.send('POST', '/v1/finops/calls/track', { agent_name: 's4', model: 'a-model-of-nobody', input_tokens: 5 })
    const { body } = await use('get_budget_status', { agent_id: 's4' })
    expect(body).toMatchObject({ unpriced_calls_today: 1, unpriced_calls_this_month: 1 })
    expect(body).not.toHaveProperty('spent_today')
  })

  it('tells the cap that leaves least, and what is left when more was spent than a new limit: nothing', async () => {
    await spend('s5', '2')
    await use('set_budget_cap', { agent_id: 's5', daily_limit: '1.5' })
    expect((await use('get_budget_status', { agent_id: 's5' })).body).toMatchObject({
      remaining_daily: '0',
      spent_today: '2',
      exhausted: true,
    })
  })
})

describe('what an agent may still spend', () => {
  it('is what the tightest limit leaves, and says whose limit that is', async () => {
    await use('set_budget_cap', { agent_id: 'a1', daily_limit: '2', monthly_limit: '40' })
    await spend('a1', '0.5')
    const { body } = await use('get_spending_allowance', { agent_id: 'a1' })
    expect(body).toMatchObject({ agent_id: 'a1', may_spend_usd: '1.5' })
    expect(body.limited_by).toBe('the day budget of agent "a1" leaves $1.5 of $2, until 2026-11-23T00:00:00.000Z')
    expect((body.limits as object[]).length).toBe(2)
    const free = await use('get_spending_allowance', { agent_id: 'a2' })
    expect(free.body).toMatchObject({ may_spend_usd: null, limited_by: null, limits: [] })
  })
})

describe('analytics', () => {
  it('between two days, both included, with every day', async () => {
    await spend('u1', '1.25', { timestamp: '2026-11-20T00:00:00Z' })
    await spend('u1', '0.5', { timestamp: '2026-11-21T23:59:59.999Z', success: false, error: 'x' })
    await spend('u1', '9', { timestamp: '2026-11-22T00:00:00Z' })
    await server.send('POST', '/v1/finops/calls/track', { agent_name: 'u1', model: 'a-model-of-nobody', timestamp: '2026-11-21T12:00:00Z' })
    const { body } = await use('get_usage_analytics', { agent_id: 'u1', start_date: '2026-11-19', end_date: '2026-11-21' })
    expect(body).toMatchObject({ total_cost: '1.75', total_calls: 3, failed_calls: 1, unpriced_calls: 1 })
    expect(body.days).toEqual([
      { date: '2026-11-19', cost: '0', calls: 0, unpriced_calls: 0 },
      { date: '2026-11-20', cost: '1.25', calls: 1, unpriced_calls: 0 },
      { date: '2026-11-21', cost: '0.5', calls: 2, unpriced_calls: 1 },
    ])
  })

  it('of the current day, week and month', async () => {
    await spend('u2', '1', { timestamp: '2026-11-22T01:00:00Z' })
    await spend('u2', '2', { timestamp: '2026-11-16T00:00:00Z' })
    await spend('u2', '4', { timestamp: '2026-11-01T00:00:00Z' })
    await spend('u2', '8', { timestamp: '2026-10-31T23:59:59Z' })
    const summaries = await Promise.all(
      ['daily', 'weekly', 'monthly'].map((period) => use('get_billing_summary', { agent_id: 'u2', period })),
    )
    expect(
      summaries.map(({ body }) => [body.total_cost, body.total_calls, body.period_start, body.period_end, body.avg_cost_per_call]),
    ).toEqual([
      ['1', 1, '2026-11-22', '2026-11-22', '1'],
      ['3', 2, '2026-11-16', '2026-11-22', '1.5'],
      ['7', 3, '2026-11-01', '2026-11-30', '2.333333333333'],
    ])
  })

  it('by category: the action, else the model; what has no known price stands apart', async () => {
    await spend('u3', '1', { action: 'research' })
    await spend('u3', '2', { action: 'research' })
    await spend('u3', '7')
    await server.send('POST', '/v1/finops/calls/track', { agent_name: 'u3', model: 'a-model-of-nobody', action: 'dreaming' })
    await server.send('POST', '/v1/finops/calls/track', { agent_name: 'u3', model: 'a-model-of-nobody', action: 'research' })
    const { body } = await use('get_spending_by_category', { agent_id: 'u3', start_date: '2026-11-22' })
    expect(body).toMatchObject({
      categories: [
        { category: 'some-model', total_cost: 7, total_cost_exact: '7', call_count: 1, unpriced_calls: 0 },
        { category: 'research', total_cost: 3, total_cost_exact: '3', call_count: 3, unpriced_calls: 1 },
      ],
      unpriced_categories: [{ category: 'dreaming', call_count: 1 }],
      total_cost: '10',
      total_calls: 5,
      unpriced_calls: 2,
    })
    expect((await use('get_spending_by_category', { agent_id: 'u3', end_date: '2026-11-21' })).body).toMatchObject({
      categories: [],
      total_calls: 0,
    })
  })
})

describe('the envelope', () => {
  it.each(envelopes.valid)('takes $name', async ({ body }) => {
    const answer = await server.send('POST', '/v1', body)
    expect(answer.status, answer.text).toBe(200)
  })

  it.each(envelopes.invalid)('refuses $name', async ({ body, status, code, path }) => {
    const answer = await server.send('POST', '/v1/v1', body)
    expect([answer.status, answer.body.code, answer.body.path], answer.text).toEqual([status, code, path])
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  })

  it('names the tool that was probably meant, and takes POST only', async () => {
    expect((await use('get_buget_status')).body).toMatchObject({
      closest: 'get_budget_status',
      detail: expect.stringContaining('did you mean'),
    })
    expect((await server.send('POST', '/v1', 'x', { 'content-type': 'application/json' })).body.code).toBe('invalid_json')
    for (const path of ['/v1', '/v1/v1', '/mcp']) {
      const wrong = await server.send('PUT', path, {})
      expect([wrong.status, wrong.headers.allow], path).toEqual([405, 'POST'])
    }
  })

  it('knows the agent by the input, else by the header, else as default', async () => {
    expect((await use('get_budget_status', { agent_id: 'x1' }, { 'x-agent-id': 'x2' })).body.agent_id).toBe('x1')
    expect((await use('get_budget_status', {}, { 'x-agent-id': 'x2' })).body.agent_id).toBe('x2')
    expect((await use('get_budget_status')).body.agent_id).toBe('default')
    expect((await use('get_budget_status', {}, { 'x-agent-id': 'x'.repeat(300) })).status).toBe(400)
  })

  it('makes an Idempotency-Key the id that the input does not give', async () => {
    const call = { agent_id: 'x3', model: 'gpt-4o', input_tokens: 10, output_tokens: 10 }
    const first = await use('settle_call', call, { 'idempotency-key': '"once"' })
    const second = await use('settle_call', call, { 'idempotency-key': 'once' })
    expect([first.body.call_id, second.body.call_id, second.body.replayed, second.headers['idempotent-replayed']]).toEqual([
      'once',
      'once',
      true,
      'true',
    ])
  })

  it('is the same at both paths, for a client whose address ends with /v1', async () => {
    const client = agent('x4')
    await client.setBudgetCap(25, 500)
    expect(await client.getBudgetStatus()).toMatchObject({ daily_limit: '25', monthly_limit: '500' })
  })

  it('answers 402 with words that a person can read when a budget refuses', async () => {
    await use('set_budget_cap', { agent_id: 'x5', daily_limit: '0.001' })
    const refused = await use('authorize_call', { agent_id: 'x5', model: 'gpt-4o', input_tokens: 1000, max_output_tokens: 1000 })
    expect(refused.status).toBe(402)
    expect(refused.body).toMatchObject({ code: 'budget_exceeded', refused_by: [{ dimension: 'agent', value: 'x5', limit_usd: '0.001' }] })
    expect(refused.body.detail).toBe('the daily budget of $0.001 for agent "x5" does not allow $0.0125: $0 is spent and $0 held')
  })

  it('stops an agent as the six lines of the README show', async () => {
    await use('set_budget_cap', { agent_id: 'writer', daily_limit: '1.00', monthly_limit: '20.00' })
    await use('settle_call', { agent_id: 'writer', model: 'gpt-4o', input_tokens: 200000, output_tokens: 40000 })
    expect((await use('get_budget_status', { agent_id: 'writer' })).body).toMatchObject({ spent_today: '0.9', remaining_daily: '0.1' })
    const refused = await use('authorize_call', { agent_id: 'writer', model: 'gpt-4o', input_tokens: 9000, max_output_tokens: 9000 })
    expect(refused.status).toBe(402)
    expect(refused.body.detail).toContain('does not allow $0.1125')
    expect(refused.body.cheaper_models).toContainEqual(expect.objectContaining({ model: 'gpt-4o-mini' }))
  })
})

describe('the fields that clients of this family read', () => {
  it.each(fields.fields.filter(({ tool }) => TOOLS.some((one) => one.tool === tool)))(
    '$tool: $field is $type',
    ({ tool, field, as, type, absent }) => {
      let schema = TOOLS.find((one) => one.tool === tool)?.answer as Schema | undefined
      let required = true
      for (const name of field.split('/')) {
        schema = schema?.items ?? schema
        required = schema?.required?.includes(name) === true
        schema = schema?.properties?.[name]
      }
      expect([schema?.type ?? schema?.anyOf?.[0]?.type, required]).toEqual([type, absent === 'never'])
      if (as === 'format' || as === 'count') expect(['number', 'integer']).toContain(type)
      if (as === 'float') expect(['number', 'integer', 'string']).toContain(type)
    },
  )
})

interface Schema {
  readonly type?: string
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
}
