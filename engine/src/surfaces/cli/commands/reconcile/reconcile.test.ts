import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NOW, purser } from '../../../../../../conformance/cli/purser.ts'
import { type TestServer, testServer } from '../../../../../../conformance/http/test-server.ts'
import { pagesOf } from '../../../../../../conformance/reconcile/world.ts'
import { createInvoke, type Invoke } from '../../../../operations/index.ts'
import { reportFetch } from '../../../../report-fetch.ts'
import { remoteInvoke } from '../../../../running-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'purser-reconcile-'))
const file = (name: string) => join(folder, name)

let server: TestServer
let invoke: Invoke
let provider: Server
let base: string
/** What the provider was asked, and what it answers by path; pages are cut one bucket each. */
const asked: IncomingMessage[] = []
let answers: Record<string, { buckets: unknown[]; status?: number; body?: string; loops?: boolean }> = {}

beforeAll(async () => {
  server = await testServer({ now: () => NOW })
  invoke = createInvoke(server.services)
  for (const [id, model, timestamp] of [
    ['a', 'gpt-4o', '2026-11-10T10:00:00Z'],
    ['b', 'gpt-4o', '2026-11-11T10:00:00Z'],
    ['c', 'claude-sonnet-4-5', '2026-11-10T10:00:00Z'],
  ]) {
    const call = { call_id: id, agent_name: 'A', model, input_tokens: 100_000, output_tokens: 10_000, timestamp }
    expect((await server.send('POST', '/v1/finops/calls/track', call)).status).toBe(200)
  }
  provider = createServer((request, response) => {
    asked.push(request)
    const url = new URL(request.url ?? '/', 'http://provider')
    const answer = answers[url.pathname]
    if (answer === undefined) return response.writeHead(404).end('{}')
    if (answer.status !== undefined) return response.writeHead(answer.status, { location: 'http://127.0.0.1/' }).end(answer.body ?? '')
    const at = Number(url.searchParams.get('page')?.slice(1) ?? 0)
    const hasMore = answer.loops === true || at + 1 < answer.buckets.length
    const page = {
      object: 'page',
      data: answer.buckets.slice(at, at + 1),
      has_more: hasMore,
      next_page: answer.loops ? 'p0' : hasMore ? `p${at + 1}` : null,
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer.body ?? JSON.stringify(page))
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  base = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
})
afterAll(async () => {
  await server.close()
  provider.close()
  rmSync(folder, { recursive: true })
})

const GOOD = pagesOf({
  openai_costs: {
    '2026-11-10': [
      ['gpt-4o-2024-08-06, input', 0.25],
      ['gpt-4o-2024-08-06, output', 0.1],
    ],
    '2026-11-11': [
      ['gpt-4o-2024-08-06, input', 0.25],
      ['gpt-4o-2024-08-06, output', 0.1],
    ],
  },
}) as { data: unknown[] }[]
const BAD = pagesOf({
  openai_costs: {
    '2026-11-10': [
      ['gpt-4o-2024-08-06, input', 0.5, 200_000],
      ['Vector storage', 1.25],
    ],
  },
})

function withKeys(env: Readonly<Record<string, string>>) {
  return reportFetch({ PURSER_OPENAI_ADMIN_URL: base, PURSER_ANTHROPIC_ADMIN_URL: base, ...env })
}

describe('purser reconcile', () => {
  it.each([
    ['opened here', () => invoke],
    ['asked of a running server', () => remoteInvoke(server.url, null)],
  ] as const)('agrees with a file and exits with 0, with the stores %s', async (_where, ask) => {
    writeFileSync(file('good.json'), JSON.stringify(GOOD))
    const ran = await purser(['reconcile', '--file', file('good.json')], ask(), 80)
    expect(ran.out.split('\n')).toEqual(
      expect.arrayContaining([
        'openai, 2026-11-10 to 2026-11-12 of UTC',
        'reconciled, within $0.005 a line',
        'ours $0.70, theirs $0.70, difference $0.00',
      ]),
    )
    expect([ran.code, ran.err]).toEqual([0, ''])
  })

  it('tells what differs, why and the calls behind it, in eighty columns, and exits with 3', async () => {
    writeFileSync(file('bad.json'), JSON.stringify(BAD))
    const { code, out } = await purser(['reconcile', '--file', file('bad.json')], invoke, 80)
    expect(code).toBe(3)
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    expect(out).toContain('NOT reconciled: 3 lines off')
    expect(out).toMatch(/2026-11-10 {2}gpt-4o {2}input {2,}\$0\.25 {2,}\$0\.50 {2,}\$0\.25\n/)
    expect(out).toContain('they count 200000, we count 100000, 100000 more')
    expect(out).toContain('  calls 1: a')
    expect(out).toMatch(/Theirs only[\s\S]*Vector storage[\s\S]*this line of the report names nothing that is metered here/)
    expect(out).toMatch(/Ours only[\s\S]*output/)
    expect(out).not.toContain('Matched')
  })

  it('takes several files, JSON lines among them, and lists everything with --all', async () => {
    writeFileSync(file('first.json'), JSON.stringify({ ...GOOD[0], data: [GOOD[0]?.data[0]] }))
    writeFileSync(file('second.jsonl'), `${JSON.stringify({ ...GOOD[0], data: [GOOD[0]?.data[1]] })}\n`)
    const ran = await purser(['reconcile', '--file', file('first.json'), file('second.jsonl'), '--all'], invoke, 80)
    expect([ran.code, ran.out.match(/2026-11-1[01] /g)?.length]).toEqual([0, 5])
  })

  it('prints JSON, and CSV with the exit code of the whole', async () => {
    writeFileSync(file('bad.json'), JSON.stringify(BAD))
    const json = await purser(['reconcile', '--file', file('bad.json'), '--format', 'json', '--calls', '1'], invoke)
    expect([json.code, JSON.parse(json.out)]).toMatchObject([
      3,
      { provider: 'openai', reconciled: false, totals: { drift: 1, theirs_only: 1 } },
    ])
    const csv = await purser(['reconcile', '--file', file('bad.json'), '--format', 'csv'], remoteInvoke(server.url, null))
    expect([csv.code, parse(csv.out, { columns: true })]).toMatchObject([
      3,
      [{ status: 'drift' }, { status: 'ours_only' }, { status: 'theirs_only' }],
    ])
    const wide = await purser(['reconcile', '--file', file('bad.json'), '--tolerance', '200'], invoke)
    expect(wide.code).toBe(0)
  })

  it('follows the pages of an address, with the admin key in its header and nowhere else', async () => {
    asked.length = 0
    answers = { '/v1/organization/costs': { buckets: GOOD[0]?.data ?? [] } }
    const ran = await purser(
      ['reconcile', '--url', `${base}/v1/organization/costs?start_time=1762732800&group_by=line_item`],
      invoke,
      80,
      withKeys({ OPENAI_ADMIN_KEY: 'sk-admin-1' }),
    )
    expect([ran.code, ran.err]).toEqual([0, ''])
    expect(ran.out).toContain('reconciled')
    expect(asked.map(({ url }) => url)).toEqual([
      '/v1/organization/costs?start_time=1762732800&group_by=line_item',
      '/v1/organization/costs?start_time=1762732800&group_by=line_item&page=p1',
    ])
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-admin-1', 'Bearer sk-admin-1'])
  })

  it('asks OpenAI itself for costs and for usage', async () => {
    asked.length = 0
    answers = {
      '/v1/organization/costs': { buckets: GOOD[0]?.data ?? [] },
      '/v1/organization/usage/completions': { buckets: [] },
      '/v1/organization/usage/embeddings': { buckets: [] },
    }
    const ran = await purser(
      ['reconcile', '--provider', 'openai', '--from', '2026-11-10', '--to', '2026-11-12'],
      invoke,
      80,
      withKeys({ OPENAI_ADMIN_KEY: 'k' }),
    )
    expect([ran.code, ran.err]).toEqual([0, ''])
    expect(asked[0]?.url).toBe(
      '/v1/organization/costs?start_time=1794268800&end_time=1794441600&bucket_width=1d&limit=180&group_by=line_item',
    )
    expect(new Set(asked.map(({ url }) => url?.split('?')[0])).size).toBe(3)
  })

  it('asks Anthropic itself, with its own header', async () => {
    asked.length = 0
    const costs = pagesOf({
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
    }) as { data: unknown[] }[]
    answers = {
      '/v1/organizations/cost_report': { buckets: costs[0]?.data ?? [] },
      '/v1/organizations/usage_report/messages': { buckets: [] },
    }
    const ran = await purser(['reconcile', '--provider', 'anthropic', '--from', '2026-11-10', '--to', '2026-11-11'], invoke, 80, {
      ...reportFetch({
        PURSER_OPENAI_ADMIN_URL: 'http://127.0.0.1:1',
        PURSER_ANTHROPIC_ADMIN_URL: base,
        ANTHROPIC_ADMIN_KEY: 'sk-ant-admin',
      }),
    })
    expect([ran.code, ran.err]).toEqual([0, ''])
    expect(asked[0]?.headers).toMatchObject({ 'x-api-key': 'sk-ant-admin', 'anthropic-version': '2023-06-01' })
    expect(decodeURIComponent(asked[0]?.url ?? '')).toContain('group_by[]=description')
  })

  it.each([
    ['an error of the provider', { status: 401, body: '{"error":{"message":"Invalid admin key"}}' }, 'answered 401: Invalid admin key'],
    ['a redirect, which would carry the key away', { status: 302 }, 'answered 302'],
    ['a page of the web', { body: '<html>sign in</html>' }, 'a page of the web'],
    ['a document that is cut off', { body: '{"data":[' }, 'cut off'],
    ['pages without end', { loops: true }, 'does not end'],
  ])('says of %s what is wrong, and exits with 1', async (_name, answer, words) => {
    answers = { '/v1/organization/costs': { buckets: GOOD[0]?.data ?? [], ...answer } }
    const ran = await purser(
      ['reconcile', '--url', `${base}/v1/organization/costs`],
      invoke,
      80,
      withKeys({ OPENAI_ADMIN_KEY: 'sk-admin-1' }),
    )
    expect([ran.code, ran.out]).toEqual([1, ''])
    expect(ran.err).toContain(words)
    expect(ran.err).not.toContain('sk-admin-1')
  })

  it('sends no key to an address that is not the provider, and reaches none inside this network', async () => {
    asked.length = 0
    const keys = { OPENAI_ADMIN_KEY: 'sk-admin-1', ANTHROPIC_ADMIN_KEY: 'sk-ant-admin' }
    for (const [url, words] of [
      [`${base}/v1/organization/costs`, 'is not an https address'],
      ['https://127.0.0.1:9/costs', 'is not a public address'],
      ['https://localhost:9/costs', 'which is not public'],
      ['file:///etc/passwd', 'is not an https address'],
      ['nonsense', 'is not an https address'],
    ] as const) {
      const ran = await purser(['reconcile', '--url', url], invoke, 80, reportFetch(keys))
      expect([ran.code, ran.err]).toEqual([1, expect.stringContaining(words)])
    }
    expect(asked).toEqual([])
    const unset = await purser(['reconcile', '--url', `${base}/v1/organization/costs`], invoke, 80, withKeys({}))
    expect(unset.err).toContain('OPENAI_ADMIN_KEY is not set')
  })

  it.each([
    ['nothing to compare with', [], 'nothing to compare with'],
    ['a file that is not there', ['--file', '/no/such/file.json'], 'cannot be read'],
    ['a format that is not known', ['--file', 'x', '--format', 'xml'], 'is not table, csv or json'],
    ['a provider that is not known', ['--provider', 'acme', '--from', '2026-11-01'], 'is not openai or anthropic'],
    ['no day to fetch from', ['--provider', 'openai'], 'say from which'],
    ['a day that is none', ['--provider', 'openai', '--from', 'soon'], 'is not a date'],
  ])('refuses %s', async (_name, argv, words) => {
    const ran = await purser(['reconcile', ...argv], invoke)
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining(words)])
  })

  it('refuses a report of another provider than the one that was named', async () => {
    writeFileSync(file('good.json'), JSON.stringify(GOOD))
    const ran = await purser(['reconcile', '--file', file('good.json'), '--provider', 'anthropic'], invoke)
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('are of openai')])
  })
})
