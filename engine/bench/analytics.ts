import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { startServer } from '../process/server-process.ts'
import { type Filled, fill } from './fill.ts'
import { type Measurement, median, rounded, type Section, under } from './section.ts'

/** What the targets are for; fewer (PURSER_BENCH_CALLS) say less, and the document says how many there were. */
const CALLS = Number(process.env.PURSER_BENCH_CALLS ?? 5_000_000)
const REPEATS = 9
const ENDPOINT_MS_MAX = 100
const DAY_MS = 86_400_000

/** Every endpoint of the analytics family on many calls, each answer read to its last byte. */
export async function benchAnalytics(say: (line: string) => void, calls = CALLS): Promise<Section> {
  // A filled folder may be kept between runs, since filling takes minutes: PURSER_BENCH_DATA.
  const kept = process.env.PURSER_BENCH_DATA
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'purser-bench-'))
  const data = join(folder, 'data')
  try {
    const filled = existsSync(data) ? null : await fill(data, calls, say)
    const until = filled?.until ?? Math.floor(Date.now() / DAY_MS) * DAY_MS
    const measurements = await measureEndpoints(data, until, say)
    const monthByAgent = await compareMonth(data, until)
    return {
      title: `Analytics on ${calls.toLocaleString('en-US')} calls`,
      method: `${calls.toLocaleString('en-US')} calls of ten organizations over 90 days, the largest with about 64 %, posted in the order of time, one run in fifty up to two days late, through the same operations as HTTP. A server process of its own; each question is asked ${REPEATS} times after a first one, over HTTP, about all organizations and about the largest; medians, of the slower of the two. Bare query: the same month by agent as SQL over the rows in the same file.`,
      measurements: [...(filled === null ? [] : fillFigures(filled)), ...measurements, monthByAgent],
    }
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

function fillFigures(filled: Filled): Measurement[] {
  const figure = rounded(filled.callsPerSecond)
  return [
    { what: 'posting them in process, projection running beside', ours: `${figure} calls/s`, beside: '', target: '', figure, met: null },
    {
      what: 'analytics complete after the last post',
      ours: `${rounded(filled.caughtUpSeconds)} s`,
      beside: '',
      target: '',
      figure: rounded(filled.caughtUpSeconds),
      met: null,
    },
  ]
}

async function measureEndpoints(data: string, until: number, say: (line: string) => void): Promise<Measurement[]> {
  const server = await startServer(data)
  try {
    const month = `from=${new Date(until - 30 * DAY_MS).toISOString()}&to=${new Date(until).toISOString()}`
    const questions: [string, string][] = [
      ['analytics/agents', '/v1/finops/analytics/agents?'],
      ['analytics/agents, a month', `/v1/finops/analytics/agents?${month}`],
      ['analytics/models', '/v1/finops/analytics/models?'],
      ['analytics/sessions', '/v1/finops/analytics/sessions?'],
      ['analytics/workflows/{name}', '/v1/finops/analytics/workflows/workflow-3?'],
      ['analytics/chains/{id}', '/v1/finops/analytics/chains/run-0?organization_id=org-0'],
      ['attribution by user', '/v1/finops/analytics/attribution?group_by=user'],
      ['attribution by team', '/v1/finops/analytics/attribution?group_by=team'],
      ['attribution by workflow', '/v1/finops/analytics/attribution?group_by=workflow'],
      ['attribution by tag', `/v1/finops/analytics/attribution?group_by=tag:env&${month}`],
      ['dashboard/overview, 30 days', '/v1/finops/dashboard/overview?period=30d'],
      ['optimization/opportunities', '/v1/finops/optimization/opportunities?period=30d'],
      ['export/report, a month by agent and model', `/v1/finops/export/report?group_by=agent,model&bucket=none&${month}`],
    ]
    const measurements: Measurement[] = []
    for (const [what, path] of questions) {
      const scoped = path.includes('organization_id') ? [path] : [path, `${path}&organization_id=org-0`]
      const medians: number[] = []
      for (const each of scoped) medians.push(await medianMs(server.url + each))
      say(`${what}: ${medians.map(rounded).join(' and ')} ms`)
      measurements.push(under(what, Math.max(...medians), ENDPOINT_MS_MAX, 'ms'))
    }
    return measurements
  } finally {
    await server.stop()
  }
}

async function medianMs(url: string): Promise<number> {
  await read(url)
  const times: number[] = []
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const began = performance.now()
    await read(url)
    times.push(performance.now() - began)
  }
  return median(times)
}

async function read(url: string): Promise<void> {
  const answer = await fetch(url)
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 300)}`)
}

/** The same month by agent: through HTTP, and as bare SQL over the rows in the same file. */
async function compareMonth(data: string, until: number): Promise<Measurement> {
  const from = until - 30 * DAY_MS
  const server = await startServer(data)
  const ours = await medianMs(
    `${server.url}/v1/finops/analytics/agents?from=${new Date(from).toISOString()}&to=${new Date(until).toISOString()}`,
  ).finally(() => server.stop())
  const instance = await DuckDBInstance.create(join(data, 'calls.duckdb'), { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  const sql = `SELECT agent, sum(calls), sum(cost), sum(input_tokens + output_tokens), count(*) FILTER (cost IS NULL) FROM store.calls WHERE called_at >= ${from} AND called_at < ${until} GROUP BY agent`
  const times: number[] = []
  for (let repeat = 0; repeat <= REPEATS; repeat += 1) {
    const began = performance.now()
    await (await connection.run(sql)).getRowObjects()
    times.push(performance.now() - began)
  }
  connection.closeSync()
  instance.closeSync()
  const bare = median(times.slice(1))
  return {
    what: 'a month by agent',
    ours: `${rounded(ours)} ms`,
    beside: `${rounded(bare)} ms (bare query)`,
    target: 'at most 2',
    figure: (ours / bare).toFixed(2),
    met: ours <= 2 * bare,
  }
}
