import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type Body, type TestServer, testServer } from '../../../../conformance/http/test-server.ts'
import { type Decimal, decimalOfNumber, picos, picosOfUsd } from '../../kernel/index.ts'
import { inUnits, unitsOfText, unitsText } from './currency.ts'

let server: TestServer
afterEach(() => server?.close())

const NOW = Date.parse('2026-11-22T12:00:00Z')
const OCTOBER = { from: '2026-10-01', to: '2026-11-01' }
const bill = (value: string, said: object = {}) => ({ bill_to: { dimension: 'team', value }, ...said })

async function start(): Promise<void> {
  server = await testServer({ now: () => NOW })
}

const call = (said: object) =>
  server.send('POST', '/v1/finops/calls/track', { model: 'gpt-4o', timestamp: '2026-10-10T10:00:00Z', ...said })
const issue = (said: object) => server.send('POST', '/v1/finops/invoices', said)
const get = (number: unknown, query = '') => server.send('GET', `/v1/finops/invoices/${String(number)}${query}`)
const credit = (number: unknown, said: object) => server.send('POST', `/v1/finops/invoices/${String(number)}/credit`, said)

describe('an invoice', () => {
  it('bills the month before by itself, line by line, with the markup, and is numbered without gaps', async () => {
    await start()
    await call({ team: 'data', input_tokens: 1_000_000, output_tokens: 100_000 })
    await call({ team: 'data', model: 'gpt-4o-mini', input_tokens: 1_000_000, output_tokens: 1 })
    await call({ team: 'web', input_tokens: 1_000_000, output_tokens: 0 })
    await call({ team: 'data', timestamp: '2026-11-02T00:00:00Z', input_tokens: 5_000_000, output_tokens: 0 })
    const made = await issue(bill('data', { markup_pct: 17.5, issuer: { name: 'Platform' } }))
    expect(made.status, made.text).toBe(201)
    expect(made.body).toMatchObject({
      number: 'INV-2026-0001',
      status: 'issued',
      period: { from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z', zone: 'UTC' },
      lines: [
        { position: 1, description: 'gpt-4o', calls: 1, tokens: 1_100_000, cost_usd: '3.5', amount: '4.11' },
        { position: 2, description: 'gpt-4o-mini', calls: 1, cost_usd: '0.1500006', amount: '0.18' },
      ],
      cost_usd: '3.6500006',
      subtotal: '3.65',
      markup: '0.64',
      total: '4.29',
      due_at: '2026-12-22T12:00:00.000Z',
    })
    expect((await issue(bill('web'))).body).toMatchObject({ number: 'INV-2026-0002', total: '2.50', markup: '0.00' })
    const listed = (await server.send('GET', '/v1/finops/invoices')).body.invoices as Body[]
    expect(listed.map(({ number }) => number)).toEqual(['INV-2026-0002', 'INV-2026-0001'])
    expect((await server.send('GET', '/v1/finops/invoices?value=web')).body.invoices).toHaveLength(1)
  })

  it('bears its part of shared costs, as the chargeback report says', async () => {
    await start()
    await call({ team: 'data', cost_usd: '6' })
    await call({ team: 'web', cost_usd: '3' })
    await call({ agent_name: 'router', cost_usd: '10' })
    await call({ team: 'data', agent_name: 'router', cost_usd: '2' })
    await server.send('PUT', '/v1/finops/allocation-rules', {
      name: 'Router',
      dimension: 'team',
      shared: [{ dimension: 'agent', in: ['router'] }],
      method: 'weights',
      targets: [
        { value: 'data', weight: 2 },
        { value: 'web', weight: 1 },
      ],
    })
    const made = await issue(bill('data', OCTOBER))
    expect(made.body).toMatchObject({
      lines: [
        { description: 'gpt-4o', cost_usd: '6' },
        { description: 'Shared cost: Router', calls: null, cost_usd: '8', amount: '8.00' },
      ],
      total: '14.00',
    })
    const report = await server.send('GET', '/api/v1/cost/report?groupBy=team&from=2026-10-01&to=2026-11-01')
    expect((report.body.rows as Body[])[0]).toMatchObject({ value: 'data', costUsdExact: '14' })
  })

  it('is written in another currency at the dated rate, with the decimals that it has', async () => {
    await start()
    await call({ team: 'data', cost_usd: '10' })
    const euro = bill('data', { currency: 'EUR', preview: true })
    expect(await issue(euro)).toMatchObject({
      status: 400,
      body: { path: '/currency', detail: expect.stringContaining('no exchange rate for EUR') },
    })
    expect(await issue(bill('data', { currency: 'XQZ' }))).toMatchObject({ status: 400, body: { path: '/currency' } })
    for (const [currency, usd_per_unit] of [
      ['EUR', '1.1'],
      ['JPY', '0.0067'],
      ['KWD', '3.25'],
    ])
      await server.send('PUT', '/v1/finops/fx', { currency, usd_per_unit, as_of: '2026-11-01', source: 'treasury' })
    expect((await issue(euro)).body).toMatchObject({
      total: '9.09',
      exchange_rate: { usd_per_unit: '1.1', as_of: '2026-11-01', source: 'treasury' },
    })
    expect((await issue(bill('data', { currency: 'JPY', preview: true }))).body).toMatchObject({ total: '1493' })
    expect((await issue(bill('data', { currency: 'KWD', preview: true }))).body).toMatchObject({ total: '3.077' })
  })

  it('says what it does not know, and bills nothing of which nothing is known', async () => {
    await start()
    await call({ team: 'data', cost_usd: '1' })
    await call({ team: 'data', model: 'nobody-knows-it', input_tokens: 10, output_tokens: 1 })
    await call({ team: 'dark', model: 'nobody-knows-it', input_tokens: 10, output_tokens: 1 })
    const made = await issue(bill('data'))
    expect(made.body).toMatchObject({ total: '1.00', unpriced_calls: 1 })
    expect((made.body.lines as Body[])[1]).toMatchObject({ cost_usd: null, amount: null })
    expect(await issue(bill('dark'))).toMatchObject({
      status: 409,
      body: { code: 'unbillable', detail: expect.stringContaining('no price') },
    })
    expect(await issue(bill('nobody'))).toMatchObject({ status: 409, body: { detail: expect.stringContaining('nothing is owed') } })
    const dark = (await issue(bill('dark', { preview: true, markup_pct: 10 }))).body
    expect(dark).toMatchObject({ cost_usd: null, subtotal: null, markup: null, total: null, unpriced_calls: 1, lines: [{ amount: null }] })
    expect((await issue(bill('nobody', { preview: true }))).body).toMatchObject({ number: null, lines: [], total: '0.00' })
    const page = await get(made.body.number, '?format=html')
    expect(page.text).toContain('The price of 1 calls is not known')
  })

  it('bills a time once, not before it is over, and answers the same request the same', async () => {
    await start()
    await call({ team: 'data', cost_usd: '1' })
    const asked = bill('data', { request_id: 'req-1' })
    expect((await issue(asked)).body).toMatchObject({ number: 'INV-2026-0001' })
    expect((await issue(asked)).body).toMatchObject({ number: 'INV-2026-0001', replayed: true })
    expect(await issue({ ...asked, markup_pct: 1 })).toMatchObject({ status: 409, body: { code: 'id_reused' } })
    const twice = await issue(bill('data', { from: '2026-10-31', to: '2026-11-05' }))
    expect(twice).toMatchObject({ status: 409, body: { code: 'already_billed', number: 'INV-2026-0001' } })
    expect((await issue(bill('data', { period: 'month' }))).body).toMatchObject({ code: 'invalid_period', path: '/to' })
    await credit('INV-2026-0001', { reason: 'wrong team' })
    expect((await issue(bill('data'))).body).toMatchObject({ number: 'INV-2026-0002', status: 'issued' })
  })

  it('is issued once for a time, however many ask at once, and numbers stay without gaps', async () => {
    await start()
    for (const team of ['a', 'b', 'c', 'd']) await call({ team, cost_usd: '1' })
    const asked = ['a', 'b', 'c', 'd'].flatMap((team) => Array.from({ length: 5 }, () => issue(bill(team))))
    const answers = await Promise.all(asked)
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]))
    const listed = (await server.send('GET', '/v1/finops/invoices')).body.invoices as Body[]
    expect(listed.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4].map((n) => `INV-2026-000${n}`))
  })

  it('does not change with the books; what changed since is said when asked', async () => {
    await start()
    await call({ team: 'data', cost_usd: '1' })
    const { number } = (await issue(bill('data'))).body
    await call({ team: 'data', cost_usd: '0.25' })
    expect((await get(number)).body).toMatchObject({ total: '1.00' })
    expect((await get(number, '?check=true')).body).toMatchObject({
      total: '1.00',
      recomputed: { cost_usd: '1.25', difference_usd: '0.25' },
    })
  })

  it('is a page to print and a CSV, in which nothing of what others wrote runs', async () => {
    await start()
    await call({ team: '<script>alert(1)</script>', agent_name: '=cmd("x")', cost_usd: '1' })
    await call({ team: '<script>alert(1)</script>', agent_name: 'a "quoted",\nname'.replace('\n', ' '), cost_usd: '1' })
    const { number } = (await issue(bill('<script>alert(1)</script>', { lines_by: 'agent', note: 'Thank you & goodbye' }))).body
    const page = await get(number, '?format=html')
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.headers['content-disposition']).toMatch(/^inline/)
    expect(page.text).not.toContain('<script')
    expect(page.text).toContain('&lt;script&gt;alert(1)')
    expect(page.text).toContain('Thank you &amp; goodbye')
    const rows = parse((await get(number, '?format=csv')).text, { columns: true }) as Record<string, string>[]
    expect(rows.map(({ description, amount }) => [description, amount])).toEqual([
      ['\'=cmd("x")', '1.00'],
      ['a "quoted", name', '1.00'],
    ])
  })

  it.each([
    [{ bill_to: { dimension: 'colour', value: 'x' } }, 'unknown_dimension', '/bill_to/dimension'],
    [{ lines_by: 'colour' }, 'unknown_dimension', '/lines_by'],
    [{ from: '2026-02-30', to: '2026-03-01' }, 'invalid_time', '/from'],
    [{ from: '2026-03-02', to: '2026-03-01' }, 'invalid_period', '/to'],
    [{ from: '2026-03-02' }, 'invalid_period', '/to'],
    [{ period: 'all' }, 'invalid_period', '/from'],
    [{ markup_pct: -1 }, 'invalid_field', '/markup_pct'],
    [{ currency: 'euro' }, 'invalid_field', '/currency'],
    [{ zone: 'Mars' }, 'invalid_period', '/zone'],
  ])('refuses %j', async (said, code, path) => {
    await start()
    const refused = await issue({ ...bill('data'), ...said })
    expect([refused.status, refused.body.code, refused.body.path], refused.text).toEqual([400, code, path])
  })
})

it('names the days of its period in its zone', async () => {
  await start()
  await call({ team: 'data', cost_usd: '1' })
  const { number } = (await issue(bill('data', { zone: 'Europe/Vienna' }))).body
  expect((await get(number)).body).toMatchObject({ period: { from: '2026-09-30T22:00:00.000Z', zone: 'Europe/Vienna' } })
  expect((await get(number, '?format=html')).text).toContain('2026-10-01 to 2026-10-31')
})

describe('a credit note', () => {
  it('takes back an invoice or a part of it, never more than is left', async () => {
    await start()
    await call({ team: 'data', cost_usd: '6' })
    await call({ team: 'data', model: 'gpt-4o-mini', cost_usd: '4' })
    const { number } = (await issue(bill('data'))).body
    const part = await credit(number, { reason: 'goodwill', lines: [{ position: 1, amount: '1.50' }] })
    expect(part.body).toMatchObject({ number: 'CN-2026-0001', kind: 'credit_note', credits: number, total: '-1.50', reason: 'goodwill' })
    expect((await get(number)).body).toMatchObject({ status: 'partly_credited', credited_by: ['CN-2026-0001'], total: '10.00' })
    for (const [lines, path] of [
      [[{ position: 1, amount: '4.51' }], '/lines/0/amount'],
      [[{ position: 3, amount: '1' }], '/lines/0/position'],
      [
        [
          { position: 1, amount: '1' },
          { position: 1, amount: '1' },
        ],
        '/lines/1/position',
      ],
      [[{ position: 1, amount: '0.001' }], '/lines/0/amount'],
      [[{ position: 1, amount: '0' }], '/lines/0/amount'],
    ] as const) {
      expect((await credit(number, { reason: 'x', lines })).body, JSON.stringify(lines)).toMatchObject({ code: 'invalid_field', path })
    }
    expect((await credit(number, { reason: 'rest' })).body).toMatchObject({ number: 'CN-2026-0002', total: '-8.50' })
    expect((await get(number)).body).toMatchObject({ status: 'credited' })
    expect((await credit(number, { reason: 'again' })).body).toMatchObject({ code: 'invalid_field', path: '/number' })
    expect((await credit('CN-2026-0001', { reason: 'a note on a note' })).status).toBe(404)
    expect((await get('CN-2026-0001', '?format=html')).text).toContain('goodwill')
    const trail = await server.services.audits.auditTrail('default', 0, 10)
    expect(trail.map(({ action, target }) => `${action} ${target}`)).toEqual([
      'issue_invoice INV-2026-0001',
      'credit_invoice CN-2026-0001',
      'credit_invoice CN-2026-0002',
    ])
  })

  it('gives back no cent twice, however many ask at once', async () => {
    await start()
    await call({ team: 'data', cost_usd: '1' })
    const { number } = (await issue(bill('data'))).body
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => credit(number, { reason: 'x', lines: [{ position: 1, amount: '0.30' }] })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
    expect((await credit(number, { reason: 'rest' })).body).toMatchObject({ total: '-0.10' })
  })
})

describe('amounts in a currency', () => {
  const dollar = { code: 'USD', decimals: 2, rate: null, usdPerUnit: { digits: 1n, scale: 0 } }
  it.each<[string, number, string]>([
    ['0.005', 0, '0.00'],
    ['0.015', 0, '0.02'],
    ['0.0050000001', 0, '0.01'],
    ['-0.005', 0, '0.00'],
    ['-1.239', 0, '-1.24'],
    ['1', 17.5, '1.18'],
    ['100', 0.1, '100.10'],
    ['123456789012345678', 0, '123456789012345678.00'],
  ])('%s and %s percent are %s', (usd, percent, text) => {
    const markup: Decimal = decimalOfNumber(percent) ?? { digits: 0n, scale: 0 }
    expect(unitsText(inUnits(picosOfUsd(usd) ?? picos(0n), dollar, markup), 2)).toBe(text)
  })

  it('are read back as they are written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 4 }), (units, decimals) => {
        expect(unitsOfText(unitsText(units, decimals), decimals)).toBe(units)
      }),
    )
  })
})
