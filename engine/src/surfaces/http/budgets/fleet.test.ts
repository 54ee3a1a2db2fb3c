import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

let server: TestServer
beforeEach(async () => {
  server = await testServer({ now: () => Date.UTC(2026, 4, 15, 12) })
})
afterEach(() => server.close())

async function told(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const { status, text, body: answer } = await server.send(method, `/v1/finops/${path}`, body)
  expect([200, 201], text).toContain(status)
  return answer as Record<string, unknown>
}

function budget(value: string, limit_usd: string, of: object = {}) {
  return told('PUT', 'budgets', { dimension: 'agent', value, period: 'day', limit_usd, ...of })
}

/** A call of gpt-4o that costs so many dollars: 10 for a million tokens. */
function spend(agent_name: string, usd: number) {
  return told('POST', 'calls/track', { agent_name, model: 'gpt-4o', input_tokens: 0, output_tokens: usd * 100_000 })
}

async function limits(): Promise<Record<string, string>> {
  const { budgets } = (await told('GET', 'budgets')) as { budgets: { value: string; limit_usd: string }[] }
  return Object.fromEntries(budgets.map(({ value, limit_usd }) => [value, limit_usd]))
}

describe('fleet operations', () => {
  it('funds a worker with what it lacks, and caps it; a task is funded once', async () => {
    await told('PUT', 'wallets', { agent_name: 'boss', opening_usd: '100' })
    await told('PUT', 'wallets', { agent_name: 'worker', opening_usd: '4' })
    const task = { orchestrator: 'boss', worker: 'worker', task_budget_usd: '15', task_id: 'task-1' }
    expect(await told('POST', 'fleet/fund-worker', task)).toMatchObject({
      moved_usd: '11',
      available_usd: '15',
      limit_usd: '15',
      replayed: false,
    })
    expect(await told('POST', 'fleet/fund-worker', task)).toMatchObject({ moved_usd: '11', available_usd: '15', replayed: true })
    expect(await told('GET', 'wallets/boss')).toMatchObject({ balance_usd: '89' })
    await spend('worker', 5)
    expect(await told('POST', 'fleet/fund-worker', task)).toMatchObject({ moved_usd: '11', available_usd: '10', replayed: true })
    expect(await told('POST', 'fleet/fund-worker', { ...task, task_id: 'task-2' })).toMatchObject({
      moved_usd: '5',
      available_usd: '15',
      limit_usd: '20',
    })
    const short = await server.send('POST', '/v1/finops/fleet/fund-worker', { ...task, task_id: 'task-3', task_budget_usd: '1000' })
    expect(short.body).toMatchObject({ status: 402, code: 'insufficient_funds', path: '/task_budget_usd' })
    expect(await limits()).toEqual({ worker: '20' })
  })

  it('remembers the task of a worker that lacks nothing: asked again after it has spent, nothing moves and no cap is raised', async () => {
    await told('PUT', 'wallets', { agent_name: 'boss', opening_usd: '100' })
    await told('PUT', 'wallets', { agent_name: 'worker', opening_usd: '20' })
    const task = { orchestrator: 'boss', worker: 'worker', task_budget_usd: '15', task_id: 'task-1' }
    const first = await told('POST', 'fleet/fund-worker', task)
    expect(first).toMatchObject({ moved_usd: '0', available_usd: '20', limit_usd: '15', replayed: false })
    await spend('worker', 12)
    expect(await told('POST', 'fleet/fund-worker', task)).toEqual({ ...first, available_usd: '8', replayed: true })
    expect(await limits()).toEqual({ worker: '15' })
    await told('POST', `budgets/${first.budget_id}/remove`, {})
    expect(await told('POST', 'fleet/fund-worker', task)).toEqual({ ...first, available_usd: '8', replayed: true })
    expect(await limits()).toEqual({})
    expect(await told('GET', 'wallets/boss')).toMatchObject({ balance_usd: '100' })
    const tenAtOnce = { ...task, task_id: 'task-2' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => told('POST', 'fleet/fund-worker', tenAtOnce)))
    expect(new Set(answers.map(({ moved_usd, limit_usd }) => `${moved_usd} ${limit_usd}`))).toEqual(new Set(['7 27']))
    expect(answers.filter(({ replayed }) => replayed === false)).toHaveLength(1)
  })

  it.each([
    ['another amount', { task_budget_usd: '16' }, '/task_budget_usd'],
    ['another worker', { worker: 'other' }, '/worker'],
    ['another orchestrator', { orchestrator: 'other' }, '/orchestrator'],
    ['no cap', { cap: false }, '/cap'],
  ])('refuses a task that was funded, with %s', async (_, other, path) => {
    await told('PUT', 'wallets', { agent_name: 'boss', opening_usd: '100' })
    for (const id of ['lacking', 'rich']) {
      await told('PUT', 'wallets', { agent_name: id, opening_usd: id === 'rich' ? '50' : '1' })
      const task = { orchestrator: 'boss', worker: id, task_budget_usd: '15', task_id: `task ${id}` }
      await told('POST', 'fleet/fund-worker', task)
      await spend(id, 1)
      const refused = await server.send('POST', '/v1/finops/fleet/fund-worker', { ...task, ...other })
      expect(refused.body, refused.text).toMatchObject({ status: 409, code: 'id_reused', path })
      expect(await told('POST', 'fleet/fund-worker', { ...task, task_budget_usd: '15.00' })).toMatchObject({ replayed: true })
    }
  })

  it('moves nothing, opens nothing and limits nobody where one of it cannot be done', async () => {
    await told('PUT', 'wallets', { agent_name: 'boss', opening_usd: '100' })
    const task = { orchestrator: 'boss', worker: 'worker', task_budget_usd: '15', task_id: 'task-1' }
    const poor = await server.send('POST', '/v1/finops/fleet/fund-worker', { ...task, orchestrator: 'poor' })
    expect(poor.body).toMatchObject({ code: 'insufficient_funds' })
    await budget('worker', '10', { period: 'month' })
    const unreachable = await server.send('POST', '/v1/finops/fleet/fund-worker', task)
    expect(unreachable.body).toMatchObject({ code: 'invalid_field', path: '/task_budget_usd' })
    expect((await server.send('GET', '/v1/finops/wallets/worker')).status).toBe(404)
    expect((await server.send('GET', '/v1/finops/wallets/poor')).status).toBe(404)
    expect(await told('GET', 'wallets/boss')).toMatchObject({ balance_usd: '100' })
    expect(await limits()).toEqual({ worker: '10' })
    expect(await told('POST', 'fleet/fund-worker', { ...task, cap: false })).toMatchObject({
      moved_usd: '15',
      budget_id: null,
      limit_usd: null,
    })
  })

  it('moves limits from the idle to the busy, and none appear or vanish', async () => {
    await budget('idle', '10', { name: 'Idle', thresholds: [50] })
    await budget('half', '10')
    await budget('busy', '10')
    await budget('busier', '10.000000000001')
    await spend('idle', 1)
    await spend('half', 5)
    await spend('busy', 9)
    await spend('busier', 10)
    const plan = await told('POST', 'fleet/rebalance', { dry_run: true })
    expect(plan).toMatchObject({ applied: false, moved_usd: '4.5', total_limit_usd: '40.000000000001' })
    expect((await limits()).idle).toBe('10')
    expect(await told('POST', 'fleet/rebalance', {})).toMatchObject({ applied: true, reason: null })
    expect(await limits()).toEqual({ idle: '5.5', half: '10', busy: '12.25', busier: '12.250000000001' })
    const { budgets } = (await told('GET', 'budgets')) as { budgets: object[] }
    expect(budgets[0]).toMatchObject({ name: 'Idle', thresholds: [50] })
    expect(await told('POST', 'fleet/rebalance', { agents: ['half', 'idle'] })).toMatchObject({
      applied: false,
      reason: 'no agent is short',
    })
  })

  it('changes nothing where one of the limits could never be reached', async () => {
    await budget('idle', '10')
    await budget('busy', '10')
    await budget('busy', '11', { period: 'month' })
    await spend('busy', 9)
    const refused = await server.send('POST', '/v1/finops/fleet/rebalance', {})
    expect(refused.body).toMatchObject({ status: 400, code: 'invalid_field' })
    expect((await told('GET', 'budgets?dimension=agent&value=idle')) as object).toMatchObject({ budgets: [{ limit_usd: '10' }] })
  })

  it('writes an invoice whose lines are cents and add up', async () => {
    await told('POST', 'calls/track', { agent_name: 'a', model: 'gpt-4o', input_tokens: 0, output_tokens: 333_300 })
    await told('POST', 'calls/track', { agent_name: 'b', model: 'gpt-4o', input_tokens: 0, output_tokens: 100_050 })
    await told('POST', 'calls/track', { agent_name: 'b', model: 'nobody-knows', input_tokens: 5, output_tokens: 5 })
    await spend('other', 50)
    const invoice = await told('POST', 'fleet/invoice', { customer_id: 'c', agents: ['a', 'b', 'silent', 'a'], markup_pct: 17.5 })
    expect(invoice).toMatchObject({
      customer_id: 'c',
      from: '2026-05-01T00:00:00.000Z',
      line_items: [
        { agent_name: 'a', calls: 1, cost_usd: '3.333', amount_usd: '3.92' },
        { agent_name: 'b', calls: 2, unpriced_calls: 1, cost_usd: '1.0005', amount_usd: '1.18' },
        { agent_name: 'silent', calls: 0, cost_usd: '0', amount_usd: '0' },
      ],
      cost_usd: '4.3335',
      total_usd: '5.1',
      markup_usd: '0.77',
      unpriced_calls: 1,
    })
  })

  it('says of calls without a known price that their cost is not known, never that it is nothing', async () => {
    await told('POST', 'calls/track', { agent_name: 'c', model: 'nobody-knows', input_tokens: 5, output_tokens: 5 })
    expect(await told('POST', 'fleet/invoice', { customer_id: 'c', agents: ['c'] })).toMatchObject({
      line_items: [{ agent_name: 'c', calls: 1, unpriced_calls: 1, cost_usd: null, amount_usd: null }],
      ...{ cost_usd: null, markup_usd: null, total_usd: null, unpriced_calls: 1 },
    })
    expect(await told('GET', 'wallets/c/profit')).toMatchObject({
      ...{ calls_usd: null, cost_usd: null, profit_usd: null, margin_pct: null, unpriced_calls: 1 },
    })
  })
})
