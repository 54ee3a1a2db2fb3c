import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProjection } from '../src/adapters/duckdb/index.ts'
import type { CallStore, OrganizationScope } from '../src/calls/index.ts'
import { LIMITS } from '../src/kernel/index.ts'
import { generatedJournal } from './calls-generate.ts'
import { median, rounded, type Section, under } from './section.ts'

const CALLS = Number(process.env.PURSER_BENCH_CALLS ?? 5_000_000)
const REPEATS = 7
const QUERY_MS_MAX = 100
const ROWS_PER_SECOND_MIN = 60_000
const DAY_MS = 86_400_000
const UNTIL = Date.UTC(2026, 10, 20, 15, 40)

/** The columnar store alone, without HTTP: how fast a journal becomes rows, and each shape of question over five million calls. */
export async function benchProjection(say: (line: string) => void, calls = CALLS): Promise<Section> {
  const kept = process.env.PURSER_BENCH_PROJECTION
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'purser-projection-'))
  const path = join(folder, 'calls.duckdb')
  const generated = generatedJournal({ seed: 7, calls, until: UNTIL, days: 90 })
  let generatingMs = 0
  const read: typeof generated.read = (after, limit) => {
    const asked = performance.now()
    const entries = generated.read(after, limit)
    generatingMs += performance.now() - asked
    return entries
  }
  const journal = { ...generated, read }
  const { store } = await openProjection({ path, waitMs: 3_600_000 }, journal)
  try {
    const began = performance.now()
    const found = await store.watermark()
    while ((await store.watermark()) < journal.entries) {
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      const seconds = (performance.now() - began) / 1_000
      const rss = Math.round(process.memoryUsage().rss / 1e6)
      const watermark = await store.watermark()
      say(`${watermark} entries, ${rounded((watermark - found) / seconds)} a second, rss ${rss} MB`)
    }
    // Making the entries up is not part of taking them in.
    const seconds = (performance.now() - began - generatingMs) / 1_000
    await store.runs({ scope: { allOrganizations: true }, atLeast: journal.entries, limit: 1 })
    const perSecond = (journal.entries - found) / seconds
    const speed = found === journal.entries ? [] : [inTakeSpeed(perSecond)]
    const measurements = [...speed, ...(await measureQueries(store, journal.entries, say))]
    say(`file ${Math.round(statSync(path).size / 1e6)} MB, rss ${Math.round(process.memoryUsage().rss / 1e6)} MB`)
    const method = `${calls} calls of 50 organizations over 90 days, skewed, made from a seed. Each question is asked ${REPEATS} times after a first one, over all organizations and over the largest; medians, of the slower of the two.`
    return { title: 'The columnar store', method, measurements }
  } finally {
    await store.close()
    if (kept === undefined) rmSync(folder, { recursive: true })
  }
}

/** Folds and checkpoints included. */
function inTakeSpeed(perSecond: number): Section['measurements'][number] {
  const figure = `${rounded(perSecond)} entries/s`
  const target = `at least ${rounded(ROWS_PER_SECOND_MIN)} entries/s`
  return { what: 'a journal taken in, in slices', ours: figure, beside: '', target, figure, met: perSecond >= ROWS_PER_SECOND_MIN }
}

type Ask = (store: CallStore, scope: OrganizationScope, atLeastSeq: number) => Promise<unknown>

const MONTH = { from: UNTIL - 30 * DAY_MS, to: UNTIL }

const QUESTIONS: readonly (readonly [string, Ask])[] = [
  ['total', (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: [] })],
  ['by agent', (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: ['agent'], orderBy: 'cost', limit: 1000 })],
  ['by agent, 30 days', (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: ['agent'], ...MONTH })],
  [
    'by agent and model',
    (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: ['agent', 'model'], orderBy: 'cost', limit: 1000 }),
  ],
  ['by model', (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: ['model'] })],
  ['by user, 100 largest', (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: ['user'], orderBy: 'cost', limit: 100 })],
  [
    'by user, 30 days',
    (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: ['user'], orderBy: 'cost', limit: 100, ...MONTH }),
  ],
  ['by team', (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: ['team'] })],
  ['by tag', (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: ['tag:feature'] })],
  [
    'by day and model, 30 days, Berlin',
    (store, scope, seq) =>
      store.aggregate({ scope, atLeast: seq, groupBy: ['model'], bucket: { period: 'day', zone: 'Europe/Berlin' }, ...MONTH }),
  ],
  [
    'by team and model, raw rows, 30 days',
    (store, scope, seq) => store.aggregate({ scope, atLeast: seq, groupBy: ['team', 'model'], ...MONTH }),
  ],
  ['sessions, 100 costliest', (store, scope, seq) => store.sessions({ scope, atLeast: seq, orderBy: 'cost', limit: 100 })],
  [
    'sessions, 100 costliest, 30 days',
    (store, scope, seq) => store.sessions({ scope, atLeast: seq, orderBy: 'cost', limit: 100, ...MONTH }),
  ],
  ['totals of a workflow', (store, scope, seq) => store.runTotals({ scope, atLeast: seq, workflows: ['workflow-3'] })],
  [
    '100 costliest runs of a workflow',
    (store, scope, seq) => store.runs({ scope, atLeast: seq, workflow: 'workflow-3', orderBy: 'cost', limit: 100 }),
  ],
  ['failed runs, 30 days', (store, scope, seq) => store.runs({ scope, atLeast: seq, failedOnly: true, limit: 100, ...MONTH })],
  ['tree of a run', (store, scope, seq) => store.tree({ scope, atLeast: seq, runId: '000000007530-run-4d3c2b1a0f9e8d7c', limit: 1000 })],
  ['repeated requests, 100 dearest', (store, scope, seq) => store.repeats({ scope, atLeast: seq, limit: 100 })],
  ['repeated requests, 30 days', (store, scope, seq) => store.repeats({ scope, atLeast: seq, limit: 100, ...MONTH })],
  ['50 newest calls', (store, scope, seq) => store.rows({ scope, atLeast: seq, descending: true, limit: 50 })],
  [
    '50 costliest calls, 30 days',
    (store, scope, seq) => store.rows({ scope, atLeast: seq, orderBy: 'cost', descending: true, limit: 50, ...MONTH }),
  ],
  [
    'SQL: cost_attribution by user and day',
    (store, scope, seq) =>
      store.sql({
        scope,
        atLeast: seq,
        rowsMax: 100,
        msMax: LIMITS.sqlMsMax,
        text: "SELECT * FROM cost_attribution WHERE dimension = 'user' AND period_type = 'day' ORDER BY total_cost_usd DESC",
      }),
  ],
]

async function measureQueries(store: CallStore, seq: number, say: (line: string) => void): Promise<Section['measurements']> {
  const measurements: Section['measurements'][number][] = []
  for (const [what, ask] of QUESTIONS) {
    const medians: number[] = []
    for (const scope of [{ allOrganizations: true }, { organization: 'org-0' }] as const) {
      const times: number[] = []
      for (let repeat = 0; repeat <= REPEATS; repeat += 1) {
        const began = performance.now()
        await ask(store, scope, seq)
        times.push(performance.now() - began)
      }
      medians.push(median(times.slice(1)))
    }
    say(`${what}: ${medians.map(rounded).join(' and ')} ms`)
    measurements.push(under(what, Math.max(...medians), QUERY_MS_MAX, 'ms'))
  }
  return measurements
}
