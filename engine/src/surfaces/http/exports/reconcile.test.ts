import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'
import reports from '../../../../../conformance/reconcile/reports.json' with { type: 'json' }
import { pagesOf } from '../../../../../conformance/reconcile/world.ts'

const PATH = '/v1/finops/reconcile'
const NOW = Date.parse('2026-11-22T10:00:00Z')

let server: TestServer

beforeAll(async () => {
  server = await testServer({ now: () => NOW })
  for (const [id, organization, model, timestamp] of [
    ['a', 'acme', 'gpt-4o', '2026-11-10T10:00:00Z'],
    ['b', 'acme', 'gpt-4o-2024-08-06', '2026-11-10T12:00:00Z'],
    ['c', 'acme', 'claude-sonnet-4-5', '2026-11-10T12:00:00Z'],
    ['z', 'other', 'gpt-4o', '2026-11-10T12:00:00Z'],
  ]) {
    const call = {
      call_id: id,
      organization_id: organization,
      agent_name: 'A',
      model,
      input_tokens: 100_000,
      output_tokens: 10_000,
      timestamp,
    }
    expect((await server.send('POST', '/v1/finops/calls/track', call)).body).toMatchObject({ status: 'exact' })
  }
})
afterAll(() => server.close())

const GPT_4O = {
  organization_id: 'acme',
  pages: pagesOf({
    openai_costs: {
      '2026-11-10': [
        ['gpt-4o-2024-08-06, input', 0.5],
        ['gpt-4o-2024-08-06, output', 0.2],
      ],
    },
  }),
}

describe('POST /v1/finops/reconcile', () => {
  it('answers with both sides, their lines and the calls behind them', async () => {
    const { status, body } = await server.send('POST', PATH, GPT_4O)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      provider: 'openai',
      compared: 'amounts',
      covered: [{ from: '2026-11-10T00:00:00.000Z', to: '2026-11-11T00:00:00.000Z' }],
      tolerance_usd: '0.005',
      reconciled: true,
      totals: { ours_usd: '0.7', theirs_usd: '0.7', difference_usd: '0', matched: 2, drift: 0, ours_only: 0, theirs_only: 0 },
      lines: [
        {
          day: '2026-11-10',
          model: 'gpt-4o',
          meter: 'input',
          status: 'matched',
          ours: { cost_usd: '0.5', quantity: '200000', calls: 2, call_ids: ['a', 'b'], unpriced_calls: 0 },
          theirs: { cost_usd: '0.5', quantity: null, line_items: ['gpt-4o-2024-08-06, input'] },
          difference_usd: '0',
          reasons: [],
        },
        { meter: 'output', ours: { cost_usd: '0.2' } },
      ],
      unlisted: 0,
    })
  })

  it('is the same by the door for programs, and sums all organizations for who may see them', async () => {
    const named = await server.send('POST', '/v1/operations/reconcile_costs', GPT_4O)
    expect(named.body).toMatchObject({ reconciled: true })
    const all = await server.send('POST', PATH, { pages: GPT_4O.pages })
    expect(all.body).toMatchObject({ reconciled: false, totals: { ours_usd: '1.05', drift: 2 } })
  })

  it('lists differences alone, few lines of many, and counts the rest', async () => {
    const few = await server.send('POST', PATH, { ...GPT_4O, limit: 1 })
    expect(few.body).toMatchObject({ unlisted: 1, totals: { matched: 2 } })
    expect((few.body.lines as unknown[]).length).toBe(1)
    const none = await server.send('POST', PATH, { ...GPT_4O, lines: 'differences' })
    expect(none.body).toMatchObject({ lines: [], totals: { matched: 2 } })
  })

  it('compares Anthropic, in cents, with the catalog of this server', async () => {
    const pages = pagesOf({
      anthropic_costs: {
        '2026-11-10': [
          {
            amount: '30',
            cost_type: 'tokens',
            token_type: 'uncached_input_tokens',
            model: 'claude-sonnet-4-5-20250929',
            description: 'Input',
          },
          { amount: '15', cost_type: 'tokens', token_type: 'output_tokens', model: 'claude-sonnet-4-5-20250929', description: 'Output' },
        ],
      },
    })
    const { body } = await server.send('POST', PATH, { provider: 'anthropic', organization_id: 'acme', pages })
    expect(body).toMatchObject({ provider: 'anthropic', reconciled: true, totals: { ours_usd: '0.45', theirs_usd: '0.45' } })
  })

  it('is a file in CSV as well', async () => {
    const { headers, text } = await server.send('POST', PATH, { ...GPT_4O, format: 'csv' })
    expect(headers['content-type']).toContain('text/csv')
    expect(parse(text, { columns: true })).toMatchObject([
      { model: 'gpt-4o', meter: 'input', status: 'matched', ours_usd: '0.5', call_ids: 'a b' },
      {},
    ])
  })

  it.each(reports.invalid)('refuses $name', async ({ pages, path }) => {
    const { status, body } = await server.send('POST', PATH, { pages })
    expect([status, body.path]).toEqual([400, path])
  })

  it.each([
    ['the wrong provider', { ...GPT_4O, provider: 'anthropic' }, 'invalid_field', '/provider'],
    ['a project that no line says', { ...GPT_4O, projects: ['proj_1'] }, 'invalid_field', '/projects'],
    ['an API key that no line says', { ...GPT_4O, api_keys: ['key_1'] }, 'invalid_field', '/api_keys'],
    ['a tolerance below zero', { ...GPT_4O, tolerance_cents: '-1' }, 'invalid_field', '/tolerance_cents'],
    ['a tolerance that is no number', { ...GPT_4O, tolerance_cents: 'NaN' }, 'invalid_field', '/tolerance_cents'],
    ['a period that ends before it begins', { ...GPT_4O, from: '2026-11-11', to: '2026-11-10' }, 'invalid_period', '/to'],
    ['no pages', { organization_id: 'acme' }, 'missing_field', '/pages'],
    ['a field that is not known', { ...GPT_4O, adjust: true }, 'unknown_field', '/adjust'],
    ['a page that nests without end', { pages: [JSON.parse(`${'{"data":['.repeat(40)}${']}'.repeat(40)}`)] }, 'too_deep', '/pages/0'],
  ])('refuses %s', async (_name, body, code, path) => {
    const answer = await server.send('POST', PATH, body)
    expect([answer.status, answer.body.code, answer.body.path]).toEqual([400, code, path])
  })

  it('refuses JSON that is cut off, and HTML', async () => {
    const json = { 'content-type': 'application/json' }
    expect((await server.send('POST', PATH, JSON.stringify(GPT_4O).slice(0, -5), json)).body).toMatchObject({ code: 'invalid_json' })
    expect((await server.send('POST', PATH, '<html></html>', { 'content-type': 'text/html' })).status).toBe(415)
  })

  it('takes a report of a hundred thousand lines, which is larger than other bodies may be', async () => {
    const results = Array.from({ length: 100_000 }, (_, index) => ({
      object: 'organization.costs.result',
      amount: { value: 0.000_01, currency: 'usd' },
      line_item: `gpt-4o-2024-08-06, ${index % 2 === 0 ? 'input' : 'output'}`,
      project_id: `proj_${index}`,
      quantity: 4,
    }))
    const page = {
      object: 'page',
      data: [{ object: 'bucket', start_time: 1_794_268_800, end_time: 1_794_355_200, results }],
      has_more: false,
    }
    const text = JSON.stringify({ organization_id: 'acme', pages: [page] })
    expect(text.length).toBeGreaterThan(8 * 1_024 * 1_024)
    const { status, body } = await server.send('POST', PATH, text, { 'content-type': 'application/json' })
    expect([status, body]).toMatchObject([200, { provider: 'openai', totals: { theirs_usd: '1', theirs_only: 0, matched: 1, drift: 1 } }])
    expect((await server.send('POST', '/v1/operations/reconcile_costs', text, { 'content-type': 'application/json' })).status).toBe(200)
    const elsewhere = await server.send('POST', '/v1/operations/ping', text, { 'content-type': 'application/json' })
    expect(elsewhere.status).toBe(413)
  }, 30_000)
})
