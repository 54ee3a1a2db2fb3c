import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

interface Alert {
  readonly id: string
  readonly alert_type: string
  readonly severity: string
  readonly title: string
  readonly message: string
  readonly created_at: string
  readonly data: Readonly<Record<string, unknown>>
}

const at = (text: string): number => Date.parse(text)
let now = 0
let server: TestServer
beforeEach(async () => {
  now = at('2026-02-25T10:30:00Z')
  server = await testServer({ now: () => now })
})
afterEach(() => server.close())

async function post(path: string, body: object, method = 'POST'): Promise<void> {
  const answer = await server.send(method, path, body)
  expect(answer.status, answer.text).toBeLessThan(300)
}

const report = (date: string, total_cost: number, more: object = {}): Promise<void> =>
  post('/api/finops/daily-report', { date, total_cost, total_tokens: 1, total_requests: 1, ...more })
const register = (more: object = {}): Promise<void> =>
  post('/api/finops/register', { company_name: 'Acme AI', monthly_budget: 500, alert_threshold_pct: 80, ...more })
/** Input of 1,000,000 tokens costs 2.50. */
const track = (call_id: string, dollars: number, more: object = {}): Promise<void> =>
  post('/v1/finops/calls/track', {
    call_id,
    agent_name: 'planner',
    model: 'gpt-4o',
    input_tokens: dollars * 400_000,
    output_tokens: 0,
    ...more,
  })

/** Alerts are told after the calls that they come from. */
async function alerts(): Promise<readonly Alert[]> {
  const answer = await server.send('GET', '/api/finops/alerts')
  expect(answer.status, answer.text).toBe(200)
  const dashboard = await server.send('GET', '/api/finops/dashboard')
  expect(dashboard.body.alerts).toEqual(answer.body.alerts)
  return answer.body.alerts as Alert[]
}

describe('the monthly budget', () => {
  it('warns of what reports say, which the ledger does not know, at the time they came', async () => {
    await register()
    await report('2026-02-20', 399.99)
    expect(await alerts()).toEqual([])
    now = at('2026-02-25T11:00:00Z')
    await report('2026-02-21', 0.01)
    now = at('2026-02-26T09:00:00Z')
    const [alert, ...others] = await alerts()
    expect(others).toEqual([])
    expect(alert).toMatchObject({
      alert_type: 'budget_warning',
      severity: 'high',
      title: 'Monthly budget 80% consumed',
      message: 'You have used $400 of your $500 monthly budget.',
      created_at: '2026-02-25T11:00:00.000Z',
      data: { threshold_pct: 80, spent_usd: '400', limit_usd: '500', reported_only_usd: '400' },
    })
    expect(alert?.id).toMatch(/^alt_[0-9a-f]{24}$/)
    now = at('2026-02-27T09:00:00Z')
    await report('2026-02-22', 35.5)
    const [later] = await alerts()
    expect(later).toEqual({
      ...alert,
      message: 'You have used $435.50 of your $500 monthly budget.',
      data: { ...alert?.data, spent_usd: '435.5', reported_only_usd: '435.5' },
    })
    await report('2026-02-23', 100)
    expect(await alerts()).toMatchObject([{ title: 'Monthly budget 100% consumed', severity: 'critical' }])
    now = at('2026-03-01T00:00:00Z')
    expect(await alerts()).toEqual([])
  })

  it('is not told twice where reports are about the calls that the ledger counted', async () => {
    await register()
    await track('1', 400)
    await report('2026-02-25', 400)
    const [alert, ...others] = await alerts()
    expect(others).toEqual([])
    expect(alert).toMatchObject({
      title: 'Monthly budget 80% consumed',
      created_at: '2026-02-25T10:00:00.000Z',
      data: { spent_usd: '400', reported_only_usd: '0' },
    })
    now += 3_600_000
    expect(await alerts()).toEqual([alert])
  })

  it('is reached by calls and reports together', async () => {
    await register()
    await track('1', 250, { timestamp: '2026-02-24T10:00:00Z' })
    await report('2026-02-24', 200)
    await report('2026-02-23', 149.99)
    expect(await alerts()).toEqual([])
    now = at('2026-02-25T12:00:00Z')
    await report('2026-02-23', 150)
    now = at('2026-02-25T13:00:00Z')
    expect(await alerts()).toMatchObject([{ created_at: '2026-02-25T12:00:00.000Z', data: { spent_usd: '400', reported_only_usd: '150' } }])
  })
})

describe('other budgets', () => {
  const daily = { dimension: 'agent', value: 'planner', period: 'day', limit_usd: '10', mode: 'soft', thresholds: [50, 90] }

  it('warn with the highest threshold of the period that runs', async () => {
    await post('/v1/finops/budgets', daily, 'PUT')
    await track('1', 5)
    await expect.poll(alerts).toMatchObject([
      {
        alert_type: 'budget_warning',
        severity: 'medium',
        title: 'Daily budget of agent planner 50% consumed',
        message: 'Agent planner has used $5 of its $10 daily budget.',
      },
    ])
    const [first] = await alerts()
    expect(first?.created_at).toBe('2026-02-25T10:30:00.000Z')
    now += 60_000
    await track('2', 4)
    await expect.poll(alerts).toMatchObject([{ severity: 'high', title: 'Daily budget of agent planner 90% consumed' }])
    await post('/v1/finops/budgets', { ...daily, limit_usd: '100' }, 'PUT')
    expect(await alerts()).toEqual([])
    await post('/v1/finops/budgets', daily, 'PUT')
    expect(await alerts()).toHaveLength(1)
    now = at('2026-02-26T00:00:00Z')
    expect(await alerts()).toEqual([])
  })

  it('that refuse calls are told as exhausted', async () => {
    await post('/v1/finops/budgets', { ...daily, mode: 'hard', thresholds: [100] }, 'PUT')
    const asked = { call_id: 'x', agent_name: 'planner', model: 'gpt-4o', input_tokens: 8_000_000, max_output_tokens: 1 }
    expect((await server.send('POST', '/v1/finops/calls/authorize', asked)).status).toBe(402)
    await expect.poll(alerts).toMatchObject([
      {
        alert_type: 'budget_exhausted',
        severity: 'critical',
        title: 'Daily budget of agent planner refuses calls',
        data: { requested_usd: expect.any(String) },
      },
    ])
  })
})

describe('a report that is missing', () => {
  it('is told of who reports daily, after a grace, and no more when it has come', async () => {
    for (const day of ['21', '22', '23']) await report(`2026-02-${day}`, 1, { source: 'crew' })
    await report('2026-02-23', 1)
    now = at('2026-02-25T05:59:59Z')
    expect(await alerts()).toEqual([])
    now = at('2026-02-25T06:00:00Z')
    const told = await alerts()
    expect(told).toMatchObject([
      {
        alert_type: 'report_missing',
        severity: 'low',
        title: 'No daily report for 2026-02-24',
        message: 'A report of crew came on each of the 3 days before, and none for 2026-02-24.',
        created_at: '2026-02-25T06:00:00.000Z',
      },
    ])
    now += 7_200_000
    expect(await alerts()).toEqual(told)
    await report('2026-02-24', 0, { source: 'crew' })
    expect(await alerts()).toEqual([])
  })
})
