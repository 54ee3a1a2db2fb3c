import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send, type TestServer, testServer } from '../../../../../conformance/http/test-server.ts'

const NOW = Date.parse('2026-03-10T12:00:00Z')
const PATH = '/v1/finops/export/focus'
const FAR = 'period=all&organization_id=acme'

type Row = Record<string, string>

let server: TestServer

async function post(path: string, body: unknown, method = 'POST'): Promise<void> {
  const answer = await server.send(method, `/v1/finops/${path}`, body)
  expect(answer.status, answer.text).toBe(200)
}

beforeAll(async () => {
  server = await testServer({ now: () => NOW })
  const own = (price: string) => ({
    organization_id: 'acme',
    model: 'house-model',
    valid_from: '2026-01-01T00:00:00Z',
    rates: [{ meter: 'input', price, per: 1_000_000 }],
  })
  await post('rates', own('2'), 'PUT')
  const call = { organization_id: 'acme', agent_name: '=Planner', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 500 }
  await post('calls/track', {
    ...call,
    call_id: 'a',
    team: 'press',
    user_id: 'ann',
    timestamp: '2026-02-15T10:20:00Z',
    tags: { env: 'prod' },
  })
  await post('calls/track', { ...call, call_id: 'b', team: 'press', timestamp: '2026-03-05T10:20:00Z', workflow_id: 'late' })
  await post('calls/track', { ...call, call_id: 'c', model: 'nobody-sells-this', timestamp: '2026-03-05T10:20:00Z' })
  for (const [id, timestamp] of [
    ['old', '2026-02-20T00:00:00Z'],
    ['new', '2026-03-02T00:00:00Z'],
  ]) {
    await post('calls/track', {
      organization_id: 'acme',
      call_id: id,
      model: 'house-model',
      input_tokens: 1_000_000,
      output_tokens: 0,
      timestamp,
    })
  }
  await post('calls/track', { ...call, organization_id: 'other', call_id: 'z', timestamp: '2026-03-05T10:20:00Z' })
  // The run that the call named starts late and says whose it is; then the rates are corrected.
  await post('workflows/start', { organization_id: 'acme', workflow_id: 'late', workflow_name: 'Weekly', project: 'apollo' })
  await post('rates', own('3'), 'PUT')
  await post('reprice', { organization_id: 'acme' })
})
afterAll(() => server.close())

async function csv(query: string): Promise<Row[]> {
  const answer = await server.send('GET', `${PATH}?format=csv&${query}`)
  expect(answer.status, answer.text).toBe(200)
  return parse(answer.text, { columns: true })
}

function sum(rows: readonly Row[], column: string): string {
  return rows.reduce((total, row) => total + Number(row[column]), 0).toFixed(6)
}

describe('GET /v1/finops/export/focus', () => {
  it('writes CSV with a name, and what a month that had ended was corrected by', async () => {
    const answer = await server.send('GET', `${PATH}?format=csv&organization_id=acme&from=2026-02-01&to=2026-04-01`)
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(answer.headers['content-disposition']).toBe('attachment; filename="purser-focus-1.4-acme-2026-02-01-2026-04-01.csv"')
    const rows: Row[] = parse(answer.text, { columns: true })
    const house = rows.filter((row) => row.SkuId === 'house-model-input')
    expect(house.map((row) => [row.BillingPeriodStart, row.ChargeClass, row.BilledCost, row.x_CorrectedIn])).toEqual([
      ['2026-02-01T00:00:00Z', '', '2.00', ''],
      ['2026-02-01T00:00:00Z', 'Correction', '-2.00', '2026-03'],
      ['2026-02-01T00:00:00Z', 'Correction', '3.00', '2026-03'],
      ['2026-03-01T00:00:00Z', '', '3.00', ''],
    ])
    expect(rows.map((row) => row.ResourceId)).toContain("'=Planner")
    expect(rows.find((row) => row.x_Project === 'apollo')).toMatchObject({ x_WorkflowId: 'Weekly', Tags: '{"workflow":"Weekly"}' })
  })

  it('adds up to the report of the same filter, for each form', async () => {
    for (const filter of ['', '&team=press', '&model=gpt-4o', '&from=2026-03-01']) {
      const report = await server.send('GET', `/v1/finops/export/report?${FAR}${filter}`)
      const expected = Number(report.body.total_cost_exact).toFixed(6)
      for (const version of ['1.4', '1.2', '1.5-draft'])
        expect(sum(await csv(`${FAR}${filter}&version=${version}`), 'BilledCost')).toBe(expected)
      const json = await server.send('GET', `${PATH}?${FAR}${filter}`)
      expect(json.body).toMatchObject({ version: '1.4', totals: { billed_usd: report.body.total_cost_exact, difference_usd: '0' } })
      expect((json.body.rows as unknown[]).length).toBe((await csv(`${FAR}${filter}`)).length)
    }
  })

  it('says in JSON what no row stands for', async () => {
    const { body, headers } = await server.send('GET', `${PATH}?${FAR}&granularity=call`)
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(body).toMatchObject({
      granularity: 'call',
      calls: 5,
      left_out: {
        unpriced_calls: 1,
        usage: expect.arrayContaining([
          expect.objectContaining({ model: 'nobody-sells-this', meter: 'input', reason: 'no_card', quantity: '1000' }),
        ]),
      },
    })
    const columns = body.columns as string[]
    const ids = (body.rows as (string | null)[][]).map((row) => row[columns.indexOf('x_CallId')])
    expect(new Set(ids)).toEqual(new Set(['a', 'b', 'old', 'new']))
  })

  it('writes Parquet that DuckDB reads, chosen by the Accept header too', async () => {
    const answer = await fetch(`${server.url}${PATH}?${FAR}`, { headers: { accept: 'application/vnd.apache.parquet' } })
    expect(answer.headers.get('content-type')).toBe('application/vnd.apache.parquet')
    const folder = mkdtempSync(join(tmpdir(), 'purser-focus-'))
    const path = join(folder, 'focus.parquet')
    writeFileSync(path, new Uint8Array(await answer.arrayBuffer()))
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const reader = await connection.runAndReadAll(
      `SELECT count(*)::INT, sum(BilledCost)::VARCHAR, max(ChargePeriodEnd)::VARCHAR FROM read_parquet('${path}')`,
    )
    const rows = await csv(FAR)
    const [[count, billed, end] = []] = reader.getRowsJson()
    expect([count, Number(billed).toFixed(6), String(end).slice(0, 10)]).toEqual([rows.length, sum(rows, 'BilledCost'), '2026-03-06'])
    connection.closeSync()
    rmSync(folder, { recursive: true })
  })

  it('answers an empty time with a heading, and nothing at all that is wrong with a reason', async () => {
    const empty = await server.send('GET', `${PATH}?format=csv&organization_id=acme&from=2020-01-01&to=2020-01-02`)
    expect(empty.text.trim().split('\n')).toHaveLength(1)
    for (const [query, code] of [
      ['version=0.5', 'invalid_field'],
      ['granularity=week', 'invalid_field'],
      ['format=xlsx', 'invalid_field'],
      ['from=2026-02-30', 'invalid_time'],
      ['from=2026-03-01&to=2026-02-01', 'invalid_period'],
      ['period=soon', 'invalid_period'],
      ['zone=Europe/Berlin', 'unknown_field'],
    ]) {
      const answer = await server.send('GET', `${PATH}?${query}`)
      expect([query, answer.status >= 400 && answer.status < 500, answer.body.code]).toEqual([query, true, code])
    }
  })
})

describe('GET /v1/finops/export/focus/conformance', () => {
  it('says that every rule is kept, what does not apply and why, and what was left out, in numbers and money', async () => {
    const answer = await server.send('GET', `${PATH}/conformance?${FAR}`)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toMatchObject({
      version: '1.4',
      conformant: true,
      calls: 5,
      failed: [],
      totals: { difference_usd: '0' },
      calls_by_confidence: { exact: 4, unpriced: 1 },
      left_out: { unpriced_calls: 1, partial_calls: 0 },
      rounded_unit_prices: 0,
    })
    const { rules, columns, not_applicable } = answer.body as Record<'rules' | 'columns' | 'not_applicable', never>
    const { checked, passed, not_applicable: others } = rules as Record<string, number>
    expect([checked, others]).toEqual([passed, (not_applicable as unknown[]).length])
    expect(passed).toBeGreaterThan(100)
    const missing = (columns as { missing: { name: string; reason: string }[] }).missing
    expect(missing.find(({ name }) => name === 'InvoiceId')?.reason).toMatch(/invoice/)
    expect(missing.every(({ reason }) => !reason.startsWith('Supports'))).toBe(true)
  })

  it('is a text for readers, and the same for each version', async () => {
    for (const version of ['1.4', '1.2', '1.5-draft']) {
      const answer = await server.send('GET', `${PATH}/conformance?${FAR}&version=${version}&format=text`)
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
      expect(answer.text).toMatch(new RegExp(`^FOCUS ${version}, by day: conformant\n`))
      expect(answer.text).toContain('Calls left out because no price is known: whole 1, in part 0')
    }
  })
})

// Last: with the first key the server wants one from everybody.
describe('a key of one organization', () => {
  it('exports its own rows only', async () => {
    const made = await server.send('POST', '/v1/finops/keys', { organization_id: 'other', name: 'export' })
    const headers = { authorization: `Bearer ${String(made.body.secret)}` }
    const own = await send(server.url, 'GET', `${PATH}?format=json`, undefined, headers)
    expect([own.status, own.body.calls]).toEqual([200, 1])
    expect((await send(server.url, 'GET', `${PATH}?organization_id=acme`, undefined, headers)).status).toBe(403)
  })
})
