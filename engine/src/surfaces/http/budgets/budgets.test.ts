import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

let server: TestServer
beforeEach(async () => {
  server = await testServer()
})
afterEach(() => server.close())

const ASK = { agent_name: 'researcher', model: 'gpt-4o', input_tokens: 1_000, max_output_tokens: 500 }

function post(path: string, body: object) {
  return server.send('POST', `/v1/finops/${path}`, body)
}

async function budget(of: object) {
  const answer = await server.send('PUT', '/v1/finops/budgets', { dimension: 'agent', period: 'day', limit_usd: '1', ...of })
  expect(answer.status, answer.text).toBe(200)
  return told<{ budget: { budget_id: string } }>(answer).budget
}

/** An answer's JSON, read as what it is documented to be. */
function told<T>({ body }: Answer): T {
  return body as T
}

interface Standing {
  readonly spent_usd: string
  readonly held_usd: string
  readonly remaining_usd: string
}

async function standing(): Promise<Standing | undefined> {
  return told<{ budgets: { standings: Standing[] }[] }>(await server.send('GET', '/v1/finops/budgets')).budgets[0]?.standings[0]
}

describe('a call is authorized, made and settled', () => {
  it('holds its worst case, and posts what it cost', async () => {
    await budget({})
    const held = await post('calls/authorize', ASK)
    expect(held.body, held.text).toMatchObject({
      held_usd: '0.0075',
      max_output_tokens: 500,
      clamped: false,
      replayed: false,
      budgets: [{ dimension: 'agent', value: 'researcher', limit_usd: '1', spent_usd: '0', held_usd: '0.0075', remaining_usd: '0.9925' }],
    })
    const id = told<{ call_id: string }>(held).call_id
    const settled = await post(`calls/${id}/settle`, { model: 'gpt-4o', input_tokens: 1_000, output_tokens: 100 })
    expect(settled.body, settled.text).toMatchObject({ call_id: id, cost: '0.0035', replayed: false })
    expect(await standing()).toMatchObject({ spent_usd: '0.0035', held_usd: '0', remaining_usd: '0.9965' })
    const agents = await server.send('GET', '/v1/finops/analytics/agents')
    expect(agents.body).toMatchObject({ agents: { researcher: { cost: 0.0035 } } })
  })

  it('settles by reporting the call as well, and twice is once', async () => {
    await budget({})
    await post('calls/authorize', { ...ASK, call_id: 'c1' })
    const report = { call_id: 'c1', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 100 }
    expect((await post('calls/track', report)).body).toMatchObject({ cost: '0.0035', replayed: false })
    expect((await post('calls/c1/settle', report)).body).toMatchObject({ cost: '0.0035', replayed: true })
    expect(await standing()).toMatchObject({ spent_usd: '0.0035', held_usd: '0' })
  })

  it('is given up, or kept longer and for more', async () => {
    await budget({ limit_usd: '0.01' })
    await post('calls/authorize', { ...ASK, call_id: 'c1' })
    const longer = await post('calls/c1/extend', { ttl_seconds: 900, max_output_tokens: 700 })
    expect(longer.body, longer.text).toMatchObject({ call_id: 'c1', held_usd: '0.0095' })
    expect((await post('calls/c1/extend', { max_output_tokens: 10_000 })).status).toBe(402)
    expect((await post('calls/c1/void', { reason: 'cancelled' })).body).toMatchObject({ call_id: 'c1', replayed: false })
    expect((await post('calls/c1/void', {})).body).toMatchObject({ replayed: true })
    expect((await post('calls/nothing/void', {})).status).toBe(404)
    expect(await standing()).toBeUndefined()
  })
})

describe('a call that would break a budget', () => {
  it('is refused with 402, and told which budget, how it stands, and until when', async () => {
    await budget({ name: 'Research', limit_usd: '0.01' })
    await post('calls/authorize', ASK)
    const refused = await post('calls/authorize', ASK)
    expect(refused.status).toBe(402)
    expect(refused.body).toMatchObject({
      code: 'budget_exceeded',
      most_that_fits_usd: '0.0025',
      cheaper_models: [{ model: 'gpt-4o-mini', worst_case_usd: '0.00045' }],
      refused_by: [
        {
          name: 'Research',
          dimension: 'agent',
          value: 'researcher',
          limit_usd: '0.01',
          spent_usd: '0',
          held_usd: '0.0075',
          requested_usd: '0.0075',
        },
      ],
    })
    expect(told<{ refused_by: { resets_at: string }[] }>(refused).refused_by[0]?.resets_at).toMatch(/T00:00:00/)
    expect(refused.body.detail).toContain('daily budget of $0.01 for agent "researcher"')
  })

  it('is made shorter instead, when its caller allows that', async () => {
    await budget({ limit_usd: '0.01' })
    await post('calls/authorize', ASK)
    const clamped = await post('calls/authorize', { ...ASK, input_tokens: 200, clamp: true, call_id: 'c2' })
    expect(clamped.body, clamped.text).toMatchObject({ clamped: true, max_output_tokens: 200, held_usd: '0.0025' })
    const again = await post('calls/authorize', { ...ASK, input_tokens: 200, clamp: true, call_id: 'c2' })
    expect(again.body, again.text).toMatchObject({ clamped: true, max_output_tokens: 200, replayed: true })
    expect((await post('calls/authorize', { ...ASK, clamp: true })).status).toBe(402)
  })

  it('of a model that nobody prices follows the policy of the budget', async () => {
    const { budget_id } = await budget({})
    const unknown = { ...ASK, model: 'model-nobody-sells' }
    const refused = await post('calls/authorize', unknown)
    expect(refused.body, refused.text).toMatchObject({ status: 402, code: 'price_unknown' })
    await budget({ unpriced: 'worst_case', limit_usd: '100' })
    const worst = await post('calls/authorize', unknown)
    expect(worst.body, worst.text).toMatchObject({ held_usd: null, budgets: [{ budget_id }] })
    expect(Number(told<{ budgets: Standing[] }>(worst).budgets[0]?.held_usd)).toBeGreaterThan(0.1)
  })

  it('cannot slip through among many at once: the cap is never broken by a pico, and used up', async () => {
    await budget({ dimension: 'organization', limit_usd: '1' })
    const asks = Array.from({ length: 300 }, (_, at) => ({
      ...ASK,
      agent_name: `agent-${at % 7}`,
      max_output_tokens: 100 + ((at * 37) % 900),
    }))
    const answers = await Promise.all(asks.map((ask) => post('calls/authorize', ask)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 402]))
    const held = Number((await standing())?.held_usd)
    expect(held).toBeLessThanOrEqual(1)
    expect(held).toBeGreaterThan(0.95)
    const verified = await server.send('POST', '/v1/finops/verify', {})
    expect(verified.body, verified.text).toMatchObject({ ok: true })
  })
})

describe('a budget', () => {
  it('counts what its period has seen before it was set, corrections included', async () => {
    await post('calls/track', { ...ASK, max_output_tokens: undefined, output_tokens: 500, call_id: 'c1' })
    await server.send('PUT', '/v1/finops/rates', { organization_id: 'default', model: 'gpt-4o', input_per_1m: '5', output_per_1m: '20' })
    await post('reprice', { organization_id: 'default', apply: true })
    await budget({})
    expect(Number((await standing())?.spent_usd)).toBeGreaterThan(0)
    const verified = await server.send('POST', '/v1/finops/verify', {})
    expect(verified.body, verified.text).toMatchObject({ ok: true })
  })

  it('is changed by setting it again, and leaves a trace in the audit', async () => {
    const first = await budget({ limit_usd: '1' })
    const again = await server.send('PUT', '/v1/finops/budgets', { dimension: 'agent', period: 'day', limit_usd: '2', mode: 'soft' })
    expect(again.body).toMatchObject({
      budget: { budget_id: first.budget_id, limit_usd: '2', mode: 'soft' },
      replaced: { limit_usd: '1', mode: 'hard' },
    })
    expect((await post(`budgets/${first.budget_id}/remove`, {})).status).toBe(200)
    expect((await post(`budgets/${first.budget_id}/remove`, {})).status).toBe(404)
    const { entries } = told<{ entries: { action: string }[] }>(await server.send('GET', '/v1/finops/audit'))
    expect(entries.map(({ action }) => action)).toEqual(['set_budget', 'set_budget', 'remove_budget'])
  })

  it.each([
    ['a dimension that is none', { dimension: 'planet' }, 'unknown_dimension', '/dimension'],
    ['a period that is none', { period: 'fortnight' }, 'invalid_period', '/period'],
    ['a zone that is none', { zone: 'Mars/Olympus' }, 'invalid_period', '/zone'],
    ['a threshold above 100', { thresholds: [101] }, 'invalid_field', '/thresholds/0'],
    ['a negative limit', { limit_usd: '-1' }, 'invalid_field', '/limit_usd'],
    ['an amount below a pico', { limit_usd: '0.0000000000001' }, 'invalid_field', '/limit_usd'],
  ])('refuses %s', async (_, wrong, code, path) => {
    const answer = await server.send('PUT', '/v1/finops/budgets', { dimension: 'agent', period: 'day', limit_usd: '1', ...wrong })
    expect(answer.status, answer.text).toBe(400)
    expect(answer.body).toMatchObject({ code, path })
  })

  it('refuses a limit that can never be reached', async () => {
    await budget({ period: 'month', limit_usd: '10' })
    const answer = await server.send('PUT', '/v1/finops/budgets', { dimension: 'agent', period: 'day', limit_usd: '11' })
    expect(answer.body, answer.text).toMatchObject({ code: 'invalid_field', path: '/limit_usd' })
  })
})
