import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

const REPORT = { date: '2026-02-28', total_tokens: 100, total_cost: 10, total_requests: 5 }

interface Given {
  readonly name: string
  readonly body?: Readonly<Record<string, unknown>>
  readonly text?: string
  readonly make?: keyof typeof MADE
}

const MADE = {
  ten_thousand_models: () => ({ cost_by_model: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`model-${i}`, 0.0001])) }),
  deep_metadata: () => ({ metadata: JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`) }),
  large_metadata: () => ({ metadata: { a: 'x'.repeat(20_000) } }),
} as const

const table: {
  refused: readonly (Given & { code: string; at?: string; detail?: string })[]
  accepted: readonly (Given & { notes: readonly string[] })[]
} = JSON.parse(readFileSync(new URL('../../../../../conformance/reporting/reports.json', import.meta.url), 'utf8'))

let server: TestServer
let organizations = 0
beforeAll(async () => {
  server = await testServer({ now: () => Date.parse('2026-02-28T20:00:00Z') })
})
afterAll(() => server.close())

/** An organization of its own for each case. */
let organization_id = ''
beforeEach(() => {
  organizations += 1
  organization_id = `org-${organizations}`
})

function submit({ body, text, make }: Omit<Given, 'name'>): Promise<Answer> {
  if (text !== undefined) return server.send('POST', '/api/finops/daily-report', text, { 'content-type': 'application/json' })
  const changed = { ...REPORT, organization_id, ...body, ...(make === undefined ? {} : MADE[make]()) }
  const said = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== null))
  return server.send('POST', '/api/finops/daily-report', said)
}

const get = async (path: string, organization = organization_id): Promise<Answer> => {
  const answer = await server.send('GET', `/api/finops/${path}${path.includes('?') ? '&' : '?'}organization_id=${organization}`)
  expect(answer.status, answer.text).toBe(200)
  return answer
}

describe('what is no report is refused and kept nowhere', () => {
  it.each(table.refused)('$name', async ({ code, at, detail, ...given }) => {
    const { status, body, text } = await submit(given)
    expect([status >= 400 && status < 500, body?.code], text.slice(0, 300)).toEqual([true, code])
    if (at !== undefined) expect(body.path).toBe(at)
    if (detail !== undefined) expect(body.detail).toContain(detail)
    expect(await server.services.documents.documents(null, { kind: 'daily_report' })).toEqual([])
  })

  it.each(['5d', '', 'month', '7D', '30'])('a period of "%s" is refused', async (period) => {
    for (const path of ['dashboard', 'cost-trends', 'efficiency-score']) {
      const { status, body } = await server.send('GET', `/api/finops/${path}?period=${period}`)
      expect([status, body.code, body.path]).toEqual([400, 'invalid_field', '/period'])
      expect(body.detail).toContain('7d, 30d, 90d')
    }
  })

  it('an organization that never said anything has nothing, and no score of zero', async () => {
    const { body } = await get('dashboard?period=7d')
    expect(body).toMatchObject({
      customer: { company_name: null, monthly_budget: null, alert_threshold_pct: null },
      summary: {
        total_cost: 0,
        total_requests: 0,
        avg_efficiency: null,
        report_count: 0,
        measured: null,
        reported: null,
        days_without_data: 7,
      },
      efficiency: { score: null, date: null },
      alerts: [],
      recommendations: [],
    })
    expect((await get('cost-trends?period=7d')).body).toMatchObject({ period: { days: 7, days_without_data: { length: 7 } }, data: [] })
    expect((await get('efficiency-score')).body).toMatchObject({ current: { score: null }, trend: [] })
    expect((await get('alerts')).body).toEqual({ alerts: [] })
  })
})

describe('a report', () => {
  it.each(table.accepted)('is taken: $name', async ({ notes, ...given }) => {
    const { status, body, text } = await submit(given)
    expect(status, text).toBe(200)
    expect(body).toMatchObject({ ok: true, message: 'Daily report saved', notes })
  })

  it('said again gives the same answer and changes nothing; said otherwise it takes the place of the one before', async () => {
    const audits = () => server.services.audits.auditTrail(organization_id, 0, 10)
    const lines = { cost_by_model: { a: 1, b: 2 }, metadata: { x: 1, y: { z: [1] } } }
    const first = await submit({ body: lines })
    const again = await submit({ body: { metadata: { y: { z: [1] }, x: 1 }, cost_by_model: { b: 2, a: 1 } } })
    expect(again.body).toEqual(first.body)
    expect(await audits()).toHaveLength(1)
    const other = await submit({ body: { total_cost: 12 } })
    expect(other.body).toMatchObject({ report_id: first.body.report_id, version: 2 })
    const [, change] = await audits()
    expect(change).toMatchObject({ action: 'daily_report', target: first.body.report_id })
    expect([change?.before, change?.after].map((text) => JSON.parse(text ?? '').stated.cost)).toEqual(['10', '12'])
    expect((await get('dashboard')).body.summary).toMatchObject({ total_cost: 12, report_count: 1, total_requests: 5 })
  })

  it('that many send at once is kept once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => submit({ body: { total_cost: 10 + (index % 2) } })))
    for (const { status, body } of answers) expect([200, 503], String(body.detail)).toContain(status)
    const documents = await server.services.documents.documents(organization_id, { kind: 'daily_report' })
    expect(documents).toHaveLength(1)
    expect((await get('dashboard')).body.summary).toMatchObject({ report_count: 1, total_requests: 5 })
  })

  it('has an id of its own for each date, source and organization', async () => {
    const bodies = [{}, { date: '2026-02-27' }, { source: 'a' }, { source: 'b' }, { organization_id: `${organization_id}x` }]
    const answers = await Promise.all(bodies.map((body) => submit({ body })))
    const ids = answers.map(({ body }) => String(body.report_id))
    expect(new Set(ids).size).toBe(bodies.length)
    for (const id of ids) expect(id).toMatch(/^rpt_[0-9a-f]{24}$/)
    expect((await get('dashboard')).body.summary).toMatchObject({ total_cost: 40, report_count: 4 })
  })

  it('names what it likes: the lines of a trend are those names', async () => {
    const text = JSON.stringify({ ...REPORT, organization_id }).replace('}', ',"cost_by_model":{"__proto__":4,"constructor":6}}')
    await submit({ text })
    const answer = await get('cost-trends?period=7d')
    expect(answer.text).toContain('"cost_by_model":{"constructor":6,"__proto__":4}')
    expect(answer.text).toContain('"cost_by_model_exact":{"constructor":"6","__proto__":"4"}')
  })

  it('shows the dearest of many lines, and the rest as others', async () => {
    const cost_by_model = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`model-${index}`, index === 7 ? 1 : 0.005]))
    expect((await submit({ body: { cost_by_model } })).status).toBe(200)
    const [day] = (await get('cost-trends?period=7d')).body.data as { cost_by_model: Record<string, number>; cost_by_model_rest: object }[]
    expect(Object.entries(day?.cost_by_model ?? {})).toHaveLength(100)
    expect(day?.cost_by_model['model-7']).toBe(1)
    expect(day?.cost_by_model_rest).toEqual({ unattributed: '0', reported_only: '4.005', others: '4.5' })
  })
})

describe('calls and reports of one day', () => {
  const track = async (id: string, input: object = {}): Promise<void> => {
    const { status, text } = await server.send('POST', '/v1/finops/calls/track', {
      call_id: `${organization_id}-${id}`,
      organization_id,
      agent_name: 'planner',
      model: 'gpt-4o',
      action: 'planning',
      input_tokens: 1_000_000,
      output_tokens: 0,
      timestamp: '2026-02-28T10:00:00Z',
      ...input,
    })
    expect(status, text).toBe(200)
  }
  const today = async (): Promise<unknown> => ((await get('cost-trends?period=7d')).body.data as unknown[]).at(-1)

  it('are not added to each other, whichever comes first', async () => {
    await submit({ body: { cost_by_model: { 'gpt-4o': 10 }, total_tokens: 2_000_000 } })
    expect(await today()).toMatchObject({ source: 'report', total_cost: 10, measured: null, variance: null })
    await track('1')
    expect(await today()).toMatchObject({
      source: 'both',
      total_cost: 10,
      total_cost_exact: '10',
      total_tokens: 2_000_000,
      total_requests: 5,
      cost_by_model: { 'gpt-4o': 10 },
      cost_by_action: { planning: 2.5 },
      cost_by_action_rest: { unattributed: '0', reported_only: '7.5', others: '0' },
      measured: { cost: '2.5', tokens: 1_000_000, requests: 1 },
      reported: { cost: '10', tokens: 2_000_000, requests: 5 },
      reported_only: { cost: '7.5', tokens: 1_000_000, requests: 4 },
      variance: { cost: '7.5', tokens: 1_000_000, requests: 4 },
    })
    for (const id of ['2', '3', '4', '5', '6']) await track(id)
    expect(await today()).toMatchObject({ source: 'both', total_cost: 15, total_requests: 6, reported_only: { cost: '0' } })
    expect((await get('dashboard')).body.summary).toMatchObject({ total_cost: 15, total_requests: 6, report_count: 1 })
  })

  it('have a measured score in place of the one that reports assess, and both are told', async () => {
    await submit({ body: { efficiency_score: 91, waste_categories: { retries: 4, unused_context: 1 } } })
    for (const id of ['1', '2', '3']) await track(id)
    await track('4', { success: false, tags: { waste: 'retries' } })
    const { body } = await get('efficiency-score')
    expect(body.trend).toEqual([body.current])
    expect(body.current).toMatchObject({ date: '2026-02-28', basis: 'measured', self_assessed: 91, measured_share: 0.8 })
    const { score, measured, parts } = body.current as {
      score: number
      measured: number
      parts: { part: string; value: number | null; points_lost: number }[]
    }
    expect(score).toBe(measured)
    expect(parts.map(({ part, value }) => [part, value])).toEqual([
      ['waste', 0.25],
      ['cache', null],
      ['failures', 0.25],
    ])
    expect(score).toBeCloseTo(100 - parts.reduce((sum, { points_lost }) => sum + points_lost, 0), 0)
    const scored = await server.send('GET', `/v1/finops/analytics/efficiency?period=7d&organization_id=${organization_id}`)
    expect(scored.body).toMatchObject({ score, self_assessed: { score: 91, date: '2026-02-28' } })
    expect((await get('dashboard')).body).toMatchObject({ summary: { avg_efficiency: score }, efficiency: { score, date: '2026-02-28' } })
    expect(await today()).toMatchObject({
      waste_categories: { retries: 4, unused_context: 1 },
      waste_measured_exact: { retries: '2.5' },
      waste_reported_exact: { retries: '4', unused_context: '1' },
    })
    const { recommendations } = (await get('dashboard')).body as {
      recommendations: { id: string; basis: string; potential_savings_exact: string }[]
    }
    const shown = recommendations
      .filter(({ id }) => id.includes('waste:'))
      .map(({ id, basis, potential_savings_exact }) => [id, basis, potential_savings_exact])
    expect(shown).toEqual([
      ['waste:retries', 'calls', '2.5'],
      ['reported_waste:retries', 'reports', '1.5'],
      ['reported_waste:unused_context', 'reports', '1'],
    ])
  })

  it('whose prices are not known are unknown without a report, and what it says with one', async () => {
    await track('1', { model: 'nobody-sells-this' })
    expect(await today()).toMatchObject({
      total_cost: null,
      total_cost_exact: null,
      unpriced_calls: 1,
      cost_by_model: { 'nobody-sells-this': null },
    })
    expect((await get('dashboard')).body.summary).toMatchObject({ total_cost: null, unpriced_calls: 1 })
    await submit({ body: { total_cost: 3 } })
    expect(await today()).toMatchObject({ total_cost: 3, unpriced_calls: 1, source: 'both' })
  })

  it('are listed for quiet days with zeros where calls are sent, and left out where reports are', async () => {
    await track('1', { timestamp: '2026-02-26T10:00:00Z' })
    const calls = (await get('cost-trends?period=7d')).body as { data: { date: string; total_cost: number; source: string }[] }
    expect(calls.data.map(({ date, total_cost }) => [date, total_cost])).toEqual([
      ['2026-02-22', 0],
      ['2026-02-23', 0],
      ['2026-02-24', 0],
      ['2026-02-25', 0],
      ['2026-02-26', 2.5],
      ['2026-02-27', 0],
      ['2026-02-28', 0],
    ])
    await submit({ body: {} })
    expect((await get('cost-trends?period=7d')).body).toMatchObject({
      period: { days_without_data: ['2026-02-22', '2026-02-23', '2026-02-24', '2026-02-25', '2026-02-27'] },
      data: [{ date: '2026-02-26' }, { date: '2026-02-28' }],
    })
  })

  it('are of the days of the zone that was registered', async () => {
    await server.send('POST', '/api/finops/register', { company_name: 'Kiwi', zone: 'Pacific/Auckland', organization_id })
    await track('1', { timestamp: '2026-02-27T12:00:00Z' })
    expect((await get('cost-trends?period=7d')).body).toMatchObject({ period: { end: '2026-03-01', zone: 'Pacific/Auckland' } })
    const { data } = (await get('cost-trends?period=7d')).body as { data: { date: string; total_requests: number }[] }
    expect(data.filter(({ total_requests }) => total_requests > 0).map(({ date }) => date)).toEqual(['2026-02-28'])
    expect((await submit({ body: { date: '2026-03-02' } })).status).toBe(200)
    expect((await submit({ body: { date: '2026-03-03' } })).body).toMatchObject({ code: 'invalid_time' })
  })
})
