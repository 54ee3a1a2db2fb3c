import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../conformance/calls/memory-journal.ts'
import { projectJournal } from '../../../../conformance/calls/model.ts'
import { randomJournal } from '../../../../conformance/calls/random-journal.ts'
import {
  type AggregateQuery,
  type CallFact,
  type CallStore,
  type Dimension,
  type FactQuery,
  type Filter,
  type OrganizationScope,
  referenceStore,
} from '../../calls/index.ts'
import type { JournalEntry } from '../../ledger/index.ts'
import { openProjection } from './projection.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 9, 20)
const EVERYONE: OrganizationScope = { allOrganizations: true }
const opened: CallStore[] = []

async function closeAll(): Promise<void> {
  for (const store of opened.splice(0)) await store.close()
}

async function open(journal: readonly JournalEntry[], waitMs = 60_000): Promise<CallStore> {
  const { store } = await openProjection({ path: ':memory:', waitMs }, memoryJournal(journal))
  opened.push(store)
  return store
}

/** The same journal, arriving in pieces, each folded before the next comes. */
async function openInPieces(journal: readonly JournalEntry[], size: number): Promise<CallStore> {
  const arrived: JournalEntry[] = []
  const store = await open(arrived)
  for (const [index, entry] of journal.entries()) {
    arrived.push(entry)
    if (index % size !== size - 1) continue
    store.notify(arrived.length)
    await store.runs({ scope: EVERYONE, atLeast: arrived.length, limit: 1 })
  }
  store.notify(arrived.length)
  return store
}

const scopes = fc.constantFrom<OrganizationScope[]>(
  EVERYONE,
  { organization: 'acme' },
  { organization: "o'neil; --" },
  { organization: 'none' },
)
const dimensions = fc.constantFrom<Dimension[]>(
  'organization',
  'agent',
  'model',
  'seller',
  'workflow',
  'run',
  'session',
  'user',
  'team',
  'project',
  'cost_center',
  'action',
  'key',
  'source',
  'status',
  'error',
  'tag:env',
  'tag:region',
  'tag:none',
)
const values = fc.constantFrom(null, 'planner', 'm-large', 'openai', 'report', 'user-1', 'session-2', 'red', 'prod', '', 'timeout', 'run-3')
const filters = fc.array(fc.record<Filter>({ dimension: dimensions, in: fc.array(values, { maxLength: 3 }) }), { maxLength: 2 })
const times = fc.option(
  fc.oneof(
    fc.integer({ min: START - DAY, max: START + 14 * DAY }),
    fc.integer({ min: -24, max: 14 * 24 }).map((hours) => START + hours * 3_600_000),
    fc.integer({ min: -1, max: 14 }).map((days) => START + days * DAY),
  ),
  { nil: undefined },
)
const buckets = fc.option(
  fc.record({
    period: fc.constantFrom<('hour' | 'day' | 'week' | 'month')[]>('hour', 'day', 'week', 'month'),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'),
  }),
  { nil: undefined },
)
const where = fc.record({ scope: scopes, from: times, to: times, where: filters })
type Where = { scope: OrganizationScope; from: number | undefined; to: number | undefined; where: Filter[] }

type Optional<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> }
type Required<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] }

/** Without the fields that are undefined: a query says nothing of them. */
function defined<const T extends object>(query: T): Required<T> & Optional<T> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Required<T> & Optional<T>
}

const FACTS: readonly CallFact[] = [
  { kind: 'tagged', tag: 'env' },
  { kind: 'tagged', tag: 'no such tag' },
  { kind: 'action', actions: ['review', 'plan', 'none'] },
  { kind: 'failed' },
  { kind: 'in_failed_run' },
  { kind: 'tried_again', withinMs: 11 * DAY },
  { kind: 'repeated', withinMs: 2 * DAY },
]

describe('the projection answers as plain sums over the journal do', () => {
  const journal = randomJournal({ seed: 31, entries: 400 })
  const reference = referenceStore(projectJournal(journal))
  let unfolded: CallStore
  let folded: CallStore
  beforeAll(async () => {
    unfolded = await open(journal)
    folded = await openInPieces(journal, 130)
  })
  afterAll(closeAll)

  async function sameFor(ask: (store: CallStore, query: Where) => Promise<unknown>, numRuns: number): Promise<void> {
    await fc.assert(
      fc.asyncProperty(where, async (query) => {
        const expected = await ask(reference, query)
        expect(await ask(unfolded, query)).toEqual(expected)
        expect(await ask(folded, query)).toEqual(expected)
      }),
      { numRuns, seed: 7 },
    )
  }

  it('aggregates by any dimensions, periods and filters, from rollups and raw rows alike', async () => {
    const shapes = fc.record({
      groupBy: fc.uniqueArray(dimensions, { maxLength: 3 }),
      bucket: buckets,
      orderBy: fc.constantFrom<AggregateQuery['orderBy'][]>(undefined, 'cost', 'calls', 'tokens', 'key'),
      limit: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(where, shapes, async (query, shape) => {
        const asked = defined({ ...query, ...shape, atLeast: journal.length }) as AggregateQuery
        const expected = await reference.aggregate(asked)
        expect(await unfolded.aggregate(asked)).toEqual(expected)
        expect(await folded.aggregate(asked)).toEqual(expected)
      }),
      { numRuns: 120, seed: 6 },
    )
  })

  it('answers the usual questions of one dimension, which rollups are for, over ranges of every kind', async () => {
    const single = fc.tuple(dimensions, buckets).map(([dimension, bucket]) => ({ groupBy: [dimension], bucket }))
    await fc.assert(
      fc.asyncProperty(fc.record({ scope: scopes, from: times, to: times }), single, async (query, shape) => {
        const asked = defined({ ...query, ...shape, atLeast: journal.length }) as AggregateQuery
        expect(await folded.aggregate(asked)).toEqual(await reference.aggregate(asked))
      }),
      { numRuns: 100, seed: 8 },
    )
  })

  it('lists rows', async () => {
    await sameFor((store, query) => store.rows(defined({ ...query, atLeast: journal.length, limit: 50, offset: 3 })), 25)
    await sameFor(
      (store, query) => store.rows(defined({ ...query, atLeast: journal.length, limit: 50, orderBy: 'cost', descending: true })),
      25,
    )
  })

  it('lists the calls posted last, with what adjusts them', async () => {
    await sameFor((store, query) => store.lastPosted(defined({ ...query, atLeast: journal.length, limit: 20 })), 40)
  })

  it('lists runs and sums them up', async () => {
    await sameFor((store, query) => store.runs(defined({ ...query, atLeast: journal.length, limit: 9, orderBy: 'cost' })), 40)
    await sameFor((store, query) => store.runs(defined({ ...query, atLeast: journal.length, limit: 500, failedOnly: true })), 20)
    await sameFor(
      (store, query) => store.runTotals(defined({ ...query, atLeast: journal.length, workflows: ['report', 'triage', 'none'] })),
      30,
    )
  })

  it('lists sessions', async () => {
    await sameFor(
      (store, query) => store.sessions(defined({ ...query, atLeast: journal.length, limit: 9, offset: 1, orderBy: 'cost' })),
      40,
    )
  })

  it('lists repeated requests', async () => {
    await sameFor((store, query) => store.repeats(defined({ ...query, atLeast: journal.length, limit: 500 })), 30)
    const all = await folded.repeats({ scope: EVERYONE, atLeast: journal.length, limit: 500 })
    expect(all.filter((repeat) => repeat.inFailedRuns.length > 0).length).toBeGreaterThan(0)
  })

  it('sums calls by the facts they meet, each call once', async () => {
    const shapes = fc.record({
      facts: fc.shuffledSubarray<CallFact>([...FACTS], { minLength: 1 }),
      bucket: buckets,
      examplesMax: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
      seqs: fc.option(fc.array(fc.integer({ min: 1, max: journal.length }), { maxLength: 60 }), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(where, shapes, async (query, shape) => {
        const asked = defined({ ...query, ...shape, atLeast: journal.length }) as FactQuery
        const expected = await reference.facts(asked)
        expect(await unfolded.facts(asked)).toEqual(expected)
        expect(await folded.facts(asked)).toEqual(expected)
      }),
      { numRuns: 60, seed: 9 },
    )
    const counts = FACTS.map(async (fact) => {
      const sums = await folded.facts({ scope: EVERYONE, atLeast: journal.length, facts: [fact] })
      return sums.reduce((count, { calls }) => count + calls, 0) > 0
    })
    expect(await Promise.all(counts)).toEqual([true, false, true, true, true, true, true])
  })

  it('shows the tree of a run', async () => {
    const byId = (left: { runId: string; organization: string }, right: { runId: string; organization: string }) =>
      left.runId.localeCompare(right.runId) || left.organization.localeCompare(right.organization)
    for (let run = 0; run < 12; run += 1) {
      const query = { scope: { organization: 'acme' }, runId: `run-${run}`, atLeast: journal.length, limit: 500 }
      const [seen, expected] = await Promise.all([folded.tree(query), reference.tree(query)])
      expect(seen.calls).toEqual(expected.calls)
      expect(seen.runs.sort(byId)).toEqual(expected.runs.sort(byId))
    }
  })

  it('sums for verify', async () => {
    expect(await folded.rows({ scope: EVERYONE, atLeast: journal.length, limit: 1 })).toHaveLength(1)
    expect(await folded.sums()).toEqual(await reference.sums())
    expect(await folded.sumsBySeq(64)).toEqual(await reference.sumsBySeq(64))
    expect(await folded.amounts(1, journal.length + 1)).toHaveLength(projectJournal(journal).calls.length)
  })
})

describe('the projection does not depend on how the journal is cut', () => {
  afterEach(closeAll)

  it.each([41, 42])('calls, runs, sessions, repeats and rollups are equal (seed %i)', async (seed) => {
    const journal = randomJournal({ seed, entries: 110 })
    const stores = [await open(journal), await openInPieces(journal, 23)]
    const [first, ...others] = await Promise.all(stores.map((store) => contents(store, journal.length)))
    for (const other of others) expect(other).toEqual(first)
  })

  it('nor on having been built before: a rebuild gives the same again, and tells how far it is', async () => {
    const journal = randomJournal({ seed: 44, entries: 100 })
    const store = await openInPieces(journal, 60)
    const before = await contents(store, journal.length)
    const progress: number[] = []
    await store.rebuild(journal.length, (seq) => progress.push(seq))
    expect(progress.at(-1)).toBe(journal.length)
    expect(await contents(store, journal.length)).toEqual(before)
  })
})

/** Everything that the published tables show, which is everything that is kept. */
async function contents(store: CallStore, atLeast: number): Promise<Record<string, unknown>> {
  const tables: Record<string, unknown> = {}
  for (const name of ['agent_calls', 'workflows', 'user_sessions', 'cost_attribution', 'caching_opportunities', 'agent_performance']) {
    const { rows } = await store.sql({
      scope: EVERYONE,
      text: `SELECT * FROM ${name} ORDER BY ALL`,
      atLeast,
      rowsMax: 100_000,
      msMax: 60_000,
    })
    expect(rows.length).toBeGreaterThan(0)
    tables[name] = rows
  }
  return tables
}

describe('reading what was written', () => {
  afterEach(closeAll)

  it('waits for the entries that a read needs, and then has them', async () => {
    const journal: JournalEntry[] = []
    const store = await open(journal)
    for (const entry of randomJournal({ seed: 51, entries: 60 })) {
      journal.push(entry)
      const { calls } = projectJournal(journal)
      expect(await store.rows({ scope: EVERYONE, atLeast: journal.length, limit: 100 })).toHaveLength(calls.length)
    }
  })

  it('says that it is behind when the entries do not come in time', async () => {
    const store = await open(randomJournal({ seed: 52, entries: 10 }), 50)
    const behind = { name: 'QueryFault', code: 'projection_behind' }
    await expect(store.rows({ scope: EVERYONE, atLeast: 11, limit: 1 })).rejects.toMatchObject(behind)
    await expect(store.sql({ scope: EVERYONE, text: 'SELECT 1', atLeast: 11, rowsMax: 1, msMax: 100 })).rejects.toMatchObject(behind)
    expect(await store.watermark()).toBe(10)
  })

  it('lets a read go on after the slice it waits for, though there is more to catch up with', async () => {
    const calls = randomJournal({ seed: 53, entries: 20 }).filter((entry) => entry.event.kind === 'call')
    const many = Array.from({ length: 6_000 }, (_, index) => ({ ...calls[index % calls.length]!, seq: index + 1 }))
    const source = memoryJournal(many)
    const [first, rest] = [gate(), gate()]
    let reads = 0
    const read = async (after: number, limit: number) => {
      reads += 1
      await (reads === 1 ? first : rest).opened
      return source.read(after, limit)
    }
    const { store } = await openProjection({ path: ':memory:', waitMs: 60_000 }, { ...source, read })
    opened.push(store)
    const rows = store.rows({ scope: EVERYONE, atLeast: 1, limit: 1 })
    first.open()
    expect(await rows).toHaveLength(1)
    expect(await store.watermark()).toBe(2_000)
    rest.open()
    await store.rows({ scope: EVERYONE, atLeast: many.length, limit: 1 })
    expect(await store.watermark()).toBe(many.length)
  })
})

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}
