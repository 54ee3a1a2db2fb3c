import { randomBytes, randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { newDatabase } from '../../conformance/postgres/database.ts'
import { startPostgres } from '../../conformance/postgres/server.ts'
import { picos, uuidv7Source } from '../src/kernel/index.ts'
import type { LedgerStore } from '../src/ledger/index.ts'
import { budgetSetEvent, callEvent, holdEvent, recordOf, SAMPLE_AT, sampleCall } from '../src/ledger/sample.ts'
import { built } from './built.ts'
import { atLeast, type Measurement, median, ratioOf, rounded, type Section } from './section.ts'

type Postgres = typeof import('../src/adapters/postgres/index.ts')
type Ledger = typeof import('../src/ledger/index.ts')
type Parts = Postgres & Ledger

const CALLERS = 256
const CALLS = 40_000
const HELD = 8_000
const RATIO_MIN = 0.25

/**
 * The ledger on PostgreSQL, a server of its own on this machine that syncs to its disk, beside bare inserts of the same rows into the same tables:
 * one statement a table and one commit for as many as there are callers, nothing looked up, locked or decided.
 */
export async function benchLedgerPostgres(): Promise<Section> {
  const parts = { ...(await built<Postgres>('adapters/postgres/index')), ...(await built<Ledger>('ledger/index')) }
  const server = await startPostgres({ fsync: true })
  const onNew = async <T>(work: (url: string) => Promise<T>): Promise<T> => {
    const database = await newDatabase(server.url)
    try {
      return await work(database.url)
    } finally {
      await database.drop()
    }
  }
  try {
    const ordered = uuidv7Source(Date.now, randomBytes)
    const calls = await onNew((url) => measured(parts, url, (store) => callsPerSecond(parts, store, ordered)))
    const random = await onNew((url) => measured(parts, url, (store) => callsPerSecond(parts, store, () => randomUUID())))
    const bare = await onNew((url) => bareRows(parts, url, ordered, false))
    const bareHeld = await onNew((url) => bareRows(parts, url, ordered, true))
    const held = await onNew((url) => measured(parts, url, (store) => heldPerSecond(parts, store)))
    return {
      title: 'Ledger on PostgreSQL',
      method: `${CALLERS} concurrent callers in process, each with one command at a time, through committer and store; PostgreSQL ${held.version} on this machine, commits synced. Beside it the same rows in bulk (of calls the journal's, of holds those of holds and counters too), ${CALLERS} commands to a commit, one statement a table, on the same server in the same run.`,
      measurements: [
        atLeast(
          'durable calls, our own ids',
          { ours: calls.value.perSecond, beside: bare.perSecond, unit: 'calls/s', besideWhat: 'bare rows' },
          RATIO_MIN,
        ),
        ratioOf('durable calls, random ids', {
          ours: random.value.perSecond,
          beside: bare.perSecond,
          unit: 'calls/s',
          besideWhat: 'bare rows',
        }),
        atLeast(
          'hold and settle against four budgets, one hot for all: commands',
          { ours: held.value.perSecond, beside: bareHeld.perSecond, unit: 'commands/s', besideWhat: 'the same rows, bare' },
          RATIO_MIN,
        ),
        latency('a command of these, median', held.value.p50, bareHeld.commitMs),
        latency('a command of these, 99th percentile', held.value.p99, bareHeld.commitMs),
      ],
    }
  } finally {
    await server.stop()
  }
}

interface Speed {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

function latency(what: string, ms: number, commitMs: number): Measurement {
  return {
    what,
    ours: `${rounded(ms)} ms`,
    beside: `${rounded(commitMs)} ms (a commit of ${CALLERS} bare rows)`,
    target: '',
    figure: (ms / commitMs).toFixed(1),
    met: null,
  }
}

async function measured<T>(
  { openPostgres }: Parts,
  url: string,
  work: (store: LedgerStore) => Promise<T>,
): Promise<{ value: T; version: string }> {
  const stores = await openPostgres({ url })
  try {
    return { value: await work(stores.ledger), version: stores.about.split(' ')[1] ?? '' }
  } finally {
    await stores.close()
  }
}

/** Callers that each wait for their answer before they ask again. */
async function callersAsk(total: number, ask: (at: number) => Promise<void>): Promise<Speed> {
  const ms: number[] = []
  let next = 0
  const began = performance.now()
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      for (let at = next++; at < total; at = next++) {
        const asked = performance.now()
        await ask(at)
        ms.push(performance.now() - asked)
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  const sorted = ms.sort((a, b) => a - b)
  return { perSecond: sorted.length / seconds, p50: median(sorted), p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN }
}

async function callsPerSecond({ committer }: Parts, store: LedgerStore, newId: () => string): Promise<Speed> {
  const door = committer(store)
  const commands = Array.from({ length: CALLS }, (_, at) => recordOf('org', { kind: 'call', call: callOf(newId(), at) }))
  const speed = await callersAsk(CALLS, async (at) => {
    const command = commands[at]
    if (command !== undefined) must(await door.submit(command))
  })
  await door.close()
  return speed
}

/** Each command counts: a hold, and the call that settles it. */
async function heldPerSecond({ committer }: Parts, store: LedgerStore): Promise<Speed> {
  const door = committer(store)
  const limit = picos(10n ** 24n)
  for (const [at, dimension] of (['organization', 'agent', 'team', 'user'] as const).entries()) {
    must(await door.submit(recordOf('org', budgetSetEvent({ id: `b${at}`, dimension, limit }))))
  }
  const newId = uuidv7Source(Date.now, randomBytes)
  const who = (at: number) => ({ agent: `agent-${at % 1_000}`, team: `team-${at % 100}`, user: `user-${at % 1_000}` })
  const speed = await callersAsk(HELD, async (at) => {
    const id = newId()
    must(await door.submit(recordOf('org', holdEvent({ id, ...who(at), amount: picos(10_000_000_000n) }))))
    must(await door.submit(recordOf('org', callEvent({ id, ...who(at) }))))
  })
  await door.close()
  return { perSecond: speed.perSecond * 2, p50: speed.p50 / 2, p99: speed.p99 / 2 }
}

function must(outcome: { readonly ok: boolean }): void {
  if (!outcome.ok) throw new Error('a command of the benchmark was refused')
}

interface Bare {
  readonly perSecond: number
  readonly commitMs: number
}

/** The rows of so many commands, in bulk: one statement a table, one commit for each batch of as many as there are callers. */
async function bareRows({ openPostgres, encodeEntry }: Parts, url: string, newId: () => string, withHolds: boolean): Promise<Bare> {
  await (await openPostgres({ url })).close()
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: 'purser' } })
  const body = encodeEntry({
    seq: 1,
    organization: 'org',
    recordedAt: SAMPLE_AT,
    event: { kind: 'call', call: callOf('x'.repeat(36), 0) },
    transfers: [],
  })
  const batches = (withHolds ? HELD * 2 : CALLS) / CALLERS
  const ms: number[] = []
  for (let batch = 0; batch < batches; batch++) {
    const ids = Array.from({ length: CALLERS }, newId)
    const seqs = ids.map((_, at) => batch * CALLERS + at + 1)
    const bodies = ids.map(() => body)
    const held = ids.slice(0, CALLERS / 2)
    const counters = COUNTED.flatMap(([budget, values]) =>
      Array.from({ length: Math.min(values, CALLERS) }, (_, at) => [budget, `${budget}-${(batch * CALLERS + at) % values}`] as const),
    )
    const began = performance.now()
    await sql.begin((own) => {
      const writes = [own.unsafe(BARE_JOURNAL, [ids, seqs, bodies])]
      if (withHolds) {
        writes.push(own.unsafe(BARE_HOLDS, [held, held.map(() => body)]))
        writes.push(own.unsafe(BARE_COUNTERS, [counters.map(([budget]) => budget), counters.map(([, value]) => value)]))
        writes.push(own.unsafe('DELETE FROM holds WHERE organization = $1 AND id = ANY ($2::text[])', ['org', held]))
      }
      return writes
    })
    ms.push(performance.now() - began)
  }
  await sql.end()
  return { perSecond: (batches * CALLERS) / (ms.reduce((sum, each) => sum + each, 0) / 1000), commitMs: median(ms) }
}

/** The budgets of the workload and how many values each has. */
const COUNTED: readonly (readonly [string, number])[] = [
  ['organization', 1],
  ['team', 100],
  ['agent', 1_000],
  ['user', 1_000],
]
const BARE_JOURNAL = `INSERT INTO journal (organization, kind, id, seq, recorded_at, body)
  SELECT 'org', 'call', id, seq, 0, body FROM unnest($1::text[], $2::bigint[], $3::text[]) AS entry (id, seq, body)`
const BARE_HOLDS = `INSERT INTO holds SELECT 'org', id, 0, body FROM unnest($1::text[], $2::text[]) AS hold (id, body)`
const BARE_COUNTERS = `INSERT INTO counters SELECT 'org', budget, value, 0, 1, 1, 1 FROM unnest($1::text[], $2::text[]) AS counter (budget, value)
  ON CONFLICT (organization, budget, value, start) DO UPDATE SET spent = counters.spent + 1, held = counters.held + 1`

function callOf(id: string, at: number): ReturnType<typeof sampleCall> {
  return sampleCall({ id, agent: `agent-${at % 20}` })
}
