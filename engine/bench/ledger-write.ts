import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { uuidv7Source } from '../src/kernel/index.ts'
import type { Command } from '../src/ledger/index.ts'
import { recordOf, runStartEvent, SAMPLE_AT, sampleCall } from '../src/ledger/sample.ts'
import { built } from './built.ts'
import { ratioOf, rounded, type Section } from './section.ts'

type Sqlite = typeof import('../src/adapters/sqlite/index.ts')
type Ledger = typeof import('../src/ledger/index.ts')

const BATCH = 100
const CALLS = 200_000

/** What durable posting costs beside the same bytes written straight into SQLite. All in one process, so that the ratio is of one machine at one time. */
export async function benchLedgerWrite(calls: number = CALLS): Promise<Section> {
  const parts = { ...(await built<Sqlite>('adapters/sqlite/index')), ...(await built<Ledger>('ledger/index')) }
  const raw = rawRows(parts, calls)
  const ours = await throughCommitter(parts, calls, uuidv7Source(Date.now, randomBytes))
  const random = await throughCommitter(parts, calls, () => randomUUID())
  const besideRaw = (what: string, speed: Speed) =>
    ratioOf(what, { ours: speed.perSecond, beside: raw.perSecond, unit: 'calls/s', besideWhat: 'bare rows' })
  return {
    title: 'Ledger',
    method: `${calls.toLocaleString('en-US')} calls in process through committer and store, ${BATCH} to a group and two groups in flight, each batch durable before its answer; beside it bare rows of the same bytes, one transaction and sync per ${BATCH}, nothing decided and nothing indexed.`,
    measurements: [
      besideRaw('durable calls, our own ids', ours),
      besideRaw('durable calls, random ids', random),
      {
        what: 'processor time of a call',
        ours: `${rounded(ours.cpuMicros)} µs`,
        beside: `${rounded(raw.cpuMicros)} µs (bare rows)`,
        target: '',
        figure: rounded(ours.cpuMicros),
        met: null,
      },
    ],
  }
}

interface Speed {
  readonly perSecond: number
  /** User and system time of the process per call. */
  readonly cpuMicros: number
}

async function throughCommitter({ openSqlite, committer }: Sqlite & Ledger, calls: number, newId: () => string): Promise<Speed> {
  const folder = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  const stores = openSqlite({ folder })
  const door = committer(stores.ledger)
  await door.submitAll(
    runIds().map((id) => recordOf(ORGANIZATION, runStartEvent({ id, workflow: 'Generate Report', user: 'u1', team: 'search' }))),
  )
  const spent = { ms: 0, cpuMicros: 0 }
  // Made in slices outside the measured time, so that neither their making nor a heap full of them is measured.
  for (let done = 0; done < calls; done += SLICE * BATCH) {
    const batches = Array.from({ length: SLICE }, () => batchOf(newId))
    const before = process.cpuUsage()
    const start = performance.now()
    // Two groups are in flight, so that one waits while the other commits: what a busy server does.
    let waiting: Promise<unknown> = Promise.resolve()
    for (const batch of batches) {
      const next = door.submitAll(batch)
      await waiting
      waiting = next
    }
    await waiting
    spent.ms += performance.now() - start
    const { user, system } = process.cpuUsage(before)
    spent.cpuMicros += user + system
  }
  const speed = speedOf(calls, spent.ms, spent.cpuMicros)
  await door.close()
  await stores.close()
  rmSync(folder, { recursive: true })
  return speed
}

/** The physical limit: the same bodies, the same columns, nothing decided, nothing indexed. */
function rawRows({ encodeEntry }: Ledger, calls: number): Speed {
  const folder = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  const database = new Database(join(folder, 'raw.sqlite'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('CREATE TABLE journal (seq INTEGER PRIMARY KEY, organization TEXT, kind TEXT, recorded_at INTEGER, body TEXT)')
  const insert = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?)')
  const body = encodeEntry({
    seq: 1,
    organization: ORGANIZATION,
    recordedAt: SAMPLE_AT,
    event: { kind: 'call', call: sampleOf('x'.repeat(36), 0) },
    transfers: [],
  })
  const write = database.transaction((from: number) => {
    for (let at = from; at < from + BATCH; at++) insert.run(at + 1, ORGANIZATION, 'call', SAMPLE_AT, body)
  })
  const before = process.cpuUsage()
  const start = performance.now()
  for (let from = 0; from < calls; from += BATCH) write(from)
  const { user, system } = process.cpuUsage(before)
  const speed = speedOf(calls, performance.now() - start, user + system)
  database.close()
  rmSync(folder, { recursive: true })
  return speed
}

function speedOf(calls: number, ms: number, cpuMicros: number): Speed {
  return { perSecond: (calls / ms) * 1000, cpuMicros: cpuMicros / calls }
}

function batchOf(newId: () => string): Command[] {
  return Array.from({ length: BATCH }, (_, at) => recordOf(ORGANIZATION, { kind: 'call', call: sampleOf(newId(), at) }))
}

function sampleOf(id: string, at: number): ReturnType<typeof sampleCall> {
  return sampleCall({ id, agent: `agent-${at % 20}`, run: `run-${at % RUNS}` })
}

function runIds(): string[] {
  return Array.from({ length: RUNS }, (_, at) => `run-${at}`)
}

const ORGANIZATION = 'org_789'
const RUNS = 25
/** Batches made at a time. */
const SLICE = 20
