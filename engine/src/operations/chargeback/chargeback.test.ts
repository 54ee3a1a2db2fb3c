import { parse } from 'csv-parse/sync'
import { afterEach, describe, expect, it } from 'vitest'
import { type Body, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { picosOfUsd, sumPicos, usdOfPicos } from '../../kernel/index.ts'

let server: TestServer
afterEach(() => server.close())

const NOW = Date.parse('2026-11-22T12:00:00Z')

async function start(options: Parameters<typeof testServer>[0] = {}): Promise<void> {
  server = await testServer({ now: () => NOW, ...options })
}

const trace = (said: object) => server.send('POST', '/api/v1/traces/ingest', { agentId: 'agt_1', modelId: 'gpt-4o', ...said })
const report = (query: string) => server.send('GET', `/api/v1/cost/report?${query}`)
const rule = (said: object) => server.send('PUT', '/v1/finops/allocation-rules', said)

describe('traces', () => {
  it('are taken as the reference sends them: a total divided by the texts, marked as estimated', async () => {
    await start()
    const sent = await trace({
      agentId: 'agt_01j...',
      input: 'Summarise Q2 revenue figures',
      output: 'Revenue rose by 4 % against Q1.',
      costCenter: 'finance',
      project: 'q2-reporting',
      team: 'data-analytics',
      tokensUsed: 1840,
      modelId: 'claude-sonnet-4-6',
    })
    expect(sent.status, sent.text).toBe(201)
    expect(sent.body).toMatchObject({
      tokensUsed: 1840,
      costCenter: 'finance',
      project: 'q2-reporting',
      team: 'data-analytics',
      status: 'estimated',
    })
    // Between $3 and $15 a million.
    expect(Number(sent.body.costUsdExact)).toBeGreaterThan((1840 * 3) / 1e6)
    expect(Number(sent.body.costUsdExact)).toBeLessThan((1840 * 15) / 1e6)
    expect(sent.body.notes).toEqual([expect.stringContaining('only the total of 1840 tokens is known')])
    const explained = await server.send('GET', `/v1/finops/calls/${String(sent.body.traceId)}`)
    expect(explained.text).not.toContain('revenue')
  })

  it('with counts are exact, with a stated cost are attested, without a model are unknown and never free', async () => {
    await start()
    expect((await trace({ inputTokens: 1000, outputTokens: 500 })).body).toMatchObject({ status: 'exact', costUsdExact: '0.0075' })
    expect((await trace({ tokensUsed: 1500, outputTokens: 500 })).body).toMatchObject({ status: 'exact', costUsdExact: '0.0075' })
    expect((await trace({ tokensUsed: 10, costUsd: 0.42 })).body).toMatchObject({ status: 'attested', costUsdExact: '0.42' })
    expect((await trace({ modelId: null, tokensUsed: 10 })).body).toMatchObject({ status: 'unpriced', costUsd: null, costUsdExact: null })
    expect((await trace({ modelId: 'a-model-nobody-knows', tokensUsed: 10 })).body).toMatchObject({ status: 'unpriced', costUsd: null })
    expect((await trace({})).body).toMatchObject({ tokensUsed: null, costUsd: null })
  })

  it('name what they do not read, know failures, and post the same trace once', async () => {
    await start()
    const sent = { traceId: 't1', inputTokens: 1, outputTokens: 1, status: 'Error', metadata: { a: 1 }, spans: [] }
    expect((await trace(sent)).body).toMatchObject({ ignored: ['metadata', 'spans'], replayed: false })
    expect((await trace(sent)).body).toMatchObject({ traceId: 't1', replayed: true })
    expect((await server.send('GET', '/v1/finops/calls/t1')).body).toMatchObject({ success: false, source: 'trace' })
    expect(await trace({ ...sent, outputTokens: 2 })).toMatchObject({ status: 409, body: { code: 'id_reused' } })
  })

  it.each([
    [{ agentId: undefined }, '/agentId'],
    [{ tokensUsed: -1 }, '/tokensUsed'],
    [{ tokensUsed: '12' }, '/tokensUsed'],
    [{ tokensUsed: 10, inputTokens: 11 }, '/tokensUsed'],
    [{ inputTokens: 1, cachedInputTokens: 2, outputTokens: 0 }, '/cachedInputTokens'],
    [{ timestamp: '2026-02-30T00:00:00Z' }, '/timestamp'],
    [{ costUsd: -1 }, '/costUsd'],
    [{ costCenter: '' }, '/costCenter'],
  ])('refuse %j at the field', async (said, path) => {
    await start()
    const refused = await trace(said)
    expect([refused.status, refused.body.path], refused.text).toEqual([400, path])
  })
})

describe('the cost report', () => {
  const parts = (body: Body): string => {
    const rows = body.rows as { costUsdExact: string | null }[]
    const all = [...rows, body.unattributed as { costUsdExact: string | null }].map(({ costUsdExact }) => picosOfUsd(costUsdExact ?? '0'))
    return usdOfPicos(sumPicos(all.map((amount) => amount ?? picosOfUsd('0')!)))
  }

  it('groups by any dimension, with an unattributed line, and adds up', async () => {
    await start()
    await trace({ costCenter: 'finance', team: 'a', inputTokens: 1000, outputTokens: 500 })
    await trace({ costCenter: 'research', team: 'a', inputTokens: 2000, outputTokens: 500 })
    await trace({ inputTokens: 10, outputTokens: 1 })
    await trace({ costCenter: 'finance', modelId: 'unknown-model', tokensUsed: 5 })
    const byCenter = await report('groupBy=costCenter')
    expect(byCenter.body).toMatchObject({
      groupBy: 'costCenter',
      from: '2026-11-01T00:00:00.000Z',
      rows: [
        { value: 'research', costUsdExact: '0.01', traces: 1 },
        { value: 'finance', costUsdExact: '0.0075', traces: 2, unpricedTraces: 1 },
      ],
      unattributed: { costUsdExact: '0.000035', traces: 1 },
      total: { costUsdExact: '0.017535', traces: 4, unpricedTraces: 1 },
    })
    expect(parts(byCenter.body)).toBe('0.017535')
    for (const dimension of ['team', 'project', 'agentId', 'modelId', 'cost_center', 'tag:x', 'user']) {
      const by = await report(`groupBy=${dimension}`)
      expect(by.status, by.text).toBe(200)
      expect(parts(by.body)).toBe('0.017535')
    }
    expect((await report('groupBy=costCenter&limit=1')).body).toMatchObject({
      rows: [{ value: 'research' }],
      others: { values: 1, costUsdExact: '0.0075' },
    })
  })

  it('divides shared cost by the declared rules, and shows what nobody is charged', async () => {
    await start()
    await trace({ costCenter: 'finance', costUsd: '6' })
    await trace({ costCenter: 'research', costUsd: '3' })
    await trace({ agentId: 'router', costUsd: '10' })
    const shared = [{ dimension: 'agent', in: ['router'] }]
    const set = await rule({
      rule_id: 'r1',
      name: 'Router',
      dimension: 'cost_center',
      shared,
      method: 'percent',
      targets: [
        { value: 'finance', weight: 50 },
        { value: 'research', weight: '33.3333' },
      ],
    })
    expect(set.status, set.text).toBe(200)
    const charged = (await report('groupBy=costCenter')).body
    expect(charged).toMatchObject({
      rows: [
        { value: 'finance', directCostUsd: '6', sharedCostUsd: '5', costUsdExact: '11' },
        { value: 'research', directCostUsd: '3', sharedCostUsd: '3.33333', costUsdExact: '6.33333' },
      ],
      unattributed: { costUsdExact: '1.66667' },
      shared: [{ ruleId: 'r1', name: 'Router', costUsd: '10', restUsd: '1.66667', reason: expect.stringContaining('less than 100') }],
    })
    expect(parts(charged)).toBe('19')
    expect((await server.send('GET', '/v1/finops/allocation-rules')).body).toMatchObject({ rules: [{ rule_id: 'r1', position: 100 }] })
    expect((await server.send('DELETE', '/v1/finops/allocation-rules/r1')).status).toBe(200)
    expect((await report('groupBy=costCenter')).body).toMatchObject({ shared: [], unattributed: { costUsdExact: '10' } })
    expect((await server.send('DELETE', '/v1/finops/allocation-rules/r1')).status).toBe(404)
    const { services } = server
    expect((await services.audits.auditTrail(null, 0, 10)).map(({ action }) => action)).toEqual([
      'set_allocation_rule',
      'remove_allocation_rule',
    ])
  })

  it('says of nothing that it costs nothing when no price of it is known', async () => {
    await start()
    await trace({ costCenter: 'finance', costUsd: '1' })
    await trace({ costCenter: 'dark', modelId: 'nobody-knows-it', tokensUsed: 5 })
    await trace({ agentId: 'router', modelId: 'nobody-knows-it', tokensUsed: 5 })
    await rule({ rule_id: 'r1', dimension: 'cost_center', shared: [{ dimension: 'agent', in: ['router'] }], method: 'even' })
    expect((await report('groupBy=costCenter')).body).toMatchObject({
      rows: [
        { value: 'finance', costUsdExact: '1', sharePercent: 100 },
        { value: 'dark', costUsdExact: null, directCostUsd: null, sharePercent: null, unpricedTraces: 1 },
      ],
      shared: [{ ruleId: 'r1', costUsd: null, unpricedTraces: 1, parts: [], reason: 'no price of any of its calls is known' }],
    })
    expect((await report('groupBy=costCenter&limit=1')).body).toMatchObject({ others: { values: 1, costUsd: null, costUsdExact: null } })
  })

  it('is CSV that a spreadsheet opens without running it, quotes and newlines included', async () => {
    await start()
    const names = ['=HYPERLINK("http://x")', '+1', '-1', '@a', 'a "quoted", b', 'ünï', 'unattributed']
    for (const costCenter of names) await trace({ costCenter, costUsd: '1' })
    await trace({ costUsd: '0.5' })
    const csv = await report('groupBy=costCenter&format=csv')
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(csv.headers['content-disposition']).toBe('attachment; filename="chargeback-costCenter.csv"')
    const rows = parse(csv.text, { columns: true }) as Record<string, string>[]
    expect(rows).toHaveLength(names.length + 1)
    expect(rows.map(({ costCenter }) => costCenter).filter((name) => /^[=+\-@]/.test(name ?? ''))).toEqual([])
    expect(rows.map(({ costCenter }) => costCenter?.replace(/^'/, '')).sort()).toEqual([...names, 'unattributed'].sort())
    expect(rows.filter(({ kind }) => kind === 'unattributed')).toMatchObject([{ cost_usd: '0.5' }])
    expect((await server.send('GET', '/api/v1/cost/report', undefined, { accept: 'text/csv' })).text).toBe(csv.text)
  })

  it('says so when there is nothing, and refuses what it cannot answer', async () => {
    await start()
    expect((await report('')).body).toMatchObject({ rows: [], unattributed: { traces: 0, costUsd: 0 }, total: { traces: 0 } })
    for (const [query, code, path] of [
      ['groupBy=colour', 'unknown_dimension', '/groupBy'],
      ['groupBy=costCenter,team', 'unknown_dimension', '/groupBy'],
      ['from=2026-02-30', 'invalid_time', '/from'],
      ['period=fortnight', 'invalid_period', '/period'],
      ['zone=Mars', 'invalid_period', '/zone'],
      ['format=xml', 'invalid_field', '/format'],
    ] as const) {
      const refused = await report(query)
      expect([refused.status, refused.body.code, refused.body.path], query).toEqual([400, code, path])
    }
  })

  it('charges each organization by its own rules', async () => {
    await start()
    for (const organizationId of ['one', 'two']) {
      await trace({ organizationId, costCenter: `${organizationId}-a`, costUsd: '1' })
      await trace({ organizationId, agentId: 'router', costUsd: '2' })
    }
    await rule({ organization_id: 'one', dimension: 'cost_center', shared: [{ dimension: 'agent', in: ['router'] }], method: 'even' })
    expect((await report('groupBy=costCenter')).body).toMatchObject({
      rows: [
        { value: 'one-a', costUsdExact: '3' },
        { value: 'two-a', costUsdExact: '1' },
      ],
      unattributed: { costUsdExact: '2' },
    })
    expect((await report('groupBy=costCenter&organizationId=two')).body).toMatchObject({ rows: [{ value: 'two-a', costUsdExact: '1' }] })
  })
})

describe('allocation rules', () => {
  const even = { dimension: 'cost_center', shared: [{ dimension: 'agent', in: ['router'] }], method: 'even' }
  it.each([
    [{ dimension: 'colour' }, '/dimension'],
    [{ shared: [] }, '/shared'],
    [{ shared: [{ dimension: 'colour', in: ['x'] }] }, '/shared/0/dimension'],
    [{ method: 'percent' }, '/targets'],
    [
      {
        method: 'percent',
        targets: [
          { value: 'a', weight: 60 },
          { value: 'b', weight: '40.000000000001' },
        ],
      },
      '/targets',
    ],
    [{ method: 'weights', targets: [{ value: 'a', weight: 0 }] }, '/targets'],
    [{ method: 'weights', targets: [{ value: 'a' }] }, '/targets/0/weight'],
    [
      {
        method: 'weights',
        targets: [
          { value: 'a', weight: 1 },
          { value: 'a', weight: 2 },
        ],
      },
      '/targets/1/value',
    ],
    [{ targets: [{ value: 'a', weight: 1 }] }, '/targets/0/weight'],
    [{ basis: 'cost' }, '/basis'],
    [{ shared: [{ dimension: 'cost_center', in: ['a'] }], targets: [{ value: 'a' }] }, '/targets/0/value'],
    [{ from: '2026-13-01' }, '/from'],
    [{ from: '2026-02-01', to: '2026-01-01' }, '/to'],
  ])('refuse %j', async (said, path) => {
    await start()
    const refused = await rule({ ...even, ...said })
    expect([refused.status, refused.body.path], refused.text).toEqual([400, path])
  })
})

describe('budget caps', () => {
  const ask = (method: string, path: string, body?: unknown) => server.send(method, `/api/v1/cost/budgets${path}`, body)

  it('are set, listed, changed, watched and removed', async () => {
    await start()
    await trace({ costCenter: 'finance', costUsd: '300' })
    const made = await ask('POST', '', { dimension: 'costCenter', value: 'finance', limitUsd: 500, periodType: 'monthly' })
    expect(made.status, made.text).toBe(201)
    expect(made.body).toMatchObject({
      dimension: 'costCenter',
      value: 'finance',
      limitUsd: 500,
      periodType: 'monthly',
      mode: 'soft',
      alertThresholds: [75, 90, 100],
    })
    const id = String(made.body.id)
    const state = async () => (((await ask('GET', '/status')).body.budgets as Body[])[0] ?? {}) as Body
    expect(await state()).toMatchObject({
      id,
      spentUsd: 300,
      percentUsed: 60,
      alertState: 'ok',
      remainingUsd: '200',
      resetsAt: '2026-12-01T00:00:00.000Z',
    })
    await trace({ costCenter: 'finance', costUsd: '75' })
    expect(await state()).toMatchObject({ alertState: 'warning', percentUsed: 75 })
    await trace({ costCenter: 'finance', costUsd: '75' })
    expect(await state()).toMatchObject({ alertState: 'critical', percentUsed: 90 })
    // A cap tells; it does not stand in the way.
    expect((await trace({ costCenter: 'finance', costUsd: '75' })).status).toBe(201)
    expect(await state()).toMatchObject({ alertState: 'exceeded', percentUsed: 105, remainingUsd: '0' })
    const alerts = (await server.send('GET', '/v1/finops/alerts')).body.alerts as Body[]
    expect(alerts.length).toBeGreaterThan(0)
    expect((await ask('PUT', `/${id}`, { limitUsd: '1000' })).body).toMatchObject({
      id,
      limitUsdExact: '1000',
      alertThresholds: [75, 90, 100],
    })
    expect((await ask('PUT', '', { id, alertThresholds: [50] })).body).toMatchObject({ limitUsdExact: '1000', alertThresholds: [50] })
    expect(await state()).toMatchObject({ alertState: 'warning', percentUsed: 52.5 })
    expect((await ask('GET', '?dimension=costCenter')).body).toMatchObject({ budgets: [{ id }] })
    expect((await ask('GET', '?dimension=team')).body).toEqual({ budgets: [] })
    expect((await ask('DELETE', `/${id}`)).body).toEqual({ id, organizationId: 'default', deleted: true })
    expect((await ask('DELETE', `?id=${id}`)).status).toBe(404)
    expect((await ask('GET', '')).body).toEqual({ budgets: [] })
  })

  it('are the same budgets that other doors show, and hard ones refuse there', async () => {
    await start()
    const made = await ask('POST', '', { dimension: 'team', value: '*', limitUsd: '0.01', periodType: 'daily', mode: 'hard' })
    expect((await server.send('GET', '/v1/finops/budgets')).body).toMatchObject({
      budgets: [{ budget_id: made.body.id, dimension: 'team', period: 'day', mode: 'hard', limit_usd: '0.01' }],
    })
    const refused = await server.send('POST', '/v1/finops/calls/authorize', {
      team: 'a',
      model: 'gpt-4o',
      input_tokens: 1_000_000,
      max_output_tokens: 1,
    })
    expect(refused.status).toBe(402)
  })

  it.each([
    [{ dimension: 'colour' }, 'unknown_dimension', '/dimension'],
    [{ periodType: 'sometimes' }, 'invalid_field', '/periodType'],
    [{ limitUsd: -1 }, 'invalid_field', '/limitUsd'],
    [{ limitUsd: 'much' }, 'invalid_field', '/limitUsd'],
    [{ value: '' }, 'invalid_field', '/value'],
    [{ zone: 'Mars' }, 'invalid_period', '/zone'],
    [{ alertThresholds: [0] }, 'invalid_field', '/alertThresholds/0'],
  ])('refuse %j', async (said, code, path) => {
    await start()
    const refused = await ask('POST', '', { dimension: 'costCenter', value: 'finance', limitUsd: 500, ...said })
    expect([refused.status, refused.body.code, refused.body.path], refused.text).toEqual([400, code, path])
  })

  it('are those of one organization for a key of it', async () => {
    const admin = 'operators-own-secret-0123456789'
    await start({ auth: 'required', adminKey: admin })
    const as = (key: string) => ({ authorization: `Bearer ${key}` })
    const keys = await Promise.all(
      ['one', 'two'].map(async (organization_id) => {
        const made = await server.send(
          'POST',
          '/v1/finops/keys',
          { organization_id, name: organization_id, operations: ['read', 'manage'] },
          as(admin),
        )
        return String(made.body.secret ?? made.body.key)
      }),
    )
    const [one = '', two = ''] = keys
    const made = await server.send('POST', '/api/v1/cost/budgets', { dimension: 'team', value: 'a', limitUsd: 5 }, as(one))
    expect(made.status, made.text).toBe(201)
    expect((await server.send('GET', '/api/v1/cost/budgets', undefined, as(two))).body).toEqual({ budgets: [] })
    expect((await server.send('DELETE', `/api/v1/cost/budgets/${String(made.body.id)}`, undefined, as(two))).status).toBe(404)
    expect((await server.send('GET', '/api/v1/cost/report?organizationId=one', undefined, as(two))).status).toBe(403)
  })
})
