import { randomBytes, randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { newDatabase } from '../../conformance/postgres/database.ts'
import { startPostgres } from '../../conformance/postgres/server.ts'
import { uuidv7Source } from '../src/kernel/index.ts'
import type { LedgerStore } from '../src/ledger/index.ts'
import { recordOf, SAMPLE_AT, sampleCall } from '../src/ledger/sample.ts'
import { built } from './built.ts'
import { postgresPlace } from './holds-raw-postgres.ts'
import { benchHeld, CALLERS } from './holds-run.ts'
import { atLeast, ratioOf, type Section } from './section.ts'

type Postgres = typeof import('../src/adapters/postgres/index.ts')
type Ledger = typeof import('../src/ledger/index.ts')
type Parts = Postgres & Ledger

const CALLS = 40_000
const HELD = 8_000
const NAIVE_HELD = 1_000
const ROUNDS = 3
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
    const bare = await onNew((url) => bareRows(parts, url, ordered))
    const held = await benchHeld({
      newPlace: () => postgresPlace(server.url),
      pairs: HELD,
      naivePairs: NAIVE_HELD,
      rounds: ROUNDS,
      cpuOf: ', without that of PostgreSQL',
    })
    return {
      title: 'Ledger on PostgreSQL',
      method: `${CALLERS} concurrent callers in process, each with one command at a time, through committer and store; PostgreSQL ${calls.version} on this machine, commits synced. Beside calls the rows of the journal in bulk, ${CALLERS} to a commit, on the same server in the same run. Holds as in the section on holds, ${HELD.toLocaleString('en-US')} calls and medians of ${ROUNDS} rounds; beside them the rows that this left (journal, holds, counters and accounts), written again into an empty database, one statement a table and one commit per batch, nothing looked up, locked or decided.`,
      measurements: [
        atLeast('durable calls, our own ids', { ours: calls.value, beside: bare, unit: 'calls/s', besideWhat: 'bare rows' }, RATIO_MIN),
        ratioOf('durable calls, random ids', {
          ours: random.value,
          beside: bare,
          unit: 'calls/s',
          besideWhat: 'bare rows',
        }),
        ...held,
      ],
    }
  } finally {
    await server.stop()
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

/** With callers that each wait for their answer before they ask again. */
async function callsPerSecond({ committer }: Parts, store: LedgerStore, newId: () => string): Promise<number> {
  const door = committer(store)
  const commands = Array.from({ length: CALLS }, (_, at) => recordOf('org', { kind: 'call', call: callOf(newId(), at) }))
  let next = 0
  const caller = async (): Promise<void> => {
    for (let command = commands[next++]; command !== undefined; command = commands[next++]) must(await door.submit(command))
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: CALLERS }, caller))
  const perSecond = (CALLS / (performance.now() - began)) * 1000
  await door.close()
  return perSecond
}

function must(outcome: { readonly ok: boolean }): void {
  if (!outcome.ok) throw new Error('a command of the benchmark was refused')
}

/** The rows of so many calls a second, in bulk: one statement and one commit for each batch of as many as there are callers. */
async function bareRows({ openPostgres, encodeEntry }: Parts, url: string, newId: () => string): Promise<number> {
  await (await openPostgres({ url })).close()
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: 'purser' } })
  const body = encodeEntry({
    seq: 1,
    organization: 'org',
    recordedAt: SAMPLE_AT,
    event: { kind: 'call', call: callOf('x'.repeat(36), 0) },
    transfers: [],
  })
  const batches = CALLS / CALLERS
  let ms = 0
  for (let batch = 0; batch < batches; batch++) {
    const ids = Array.from({ length: CALLERS }, newId)
    const seqs = ids.map((_, at) => batch * CALLERS + at + 1)
    const bodies = ids.map(() => body)
    const began = performance.now()
    await sql.begin((own) => [own.unsafe(BARE_JOURNAL, [ids, seqs, bodies])])
    ms += performance.now() - began
  }
  await sql.end()
  return (batches * CALLERS) / (ms / 1000)
}

const BARE_JOURNAL = `INSERT INTO journal (organization, kind, id, seq, recorded_at, body)
  SELECT 'org', 'call', id, seq, 0, body FROM unnest($1::text[], $2::bigint[], $3::text[]) AS entry (id, seq, body)`

function callOf(id: string, at: number): ReturnType<typeof sampleCall> {
  return sampleCall({ id, agent: `agent-${at % 20}` })
}
