import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../conformance/postgres/database.ts'
import { newTestDatabase, postgresSkipReason } from '../../../../conformance/postgres/test-database.ts'
import { picos } from '../../kernel/index.ts'
import { committer, emptyTally, tally } from '../../ledger/index.ts'
import { budgetSetEvent, callEvent, holdEvent, recordOf, runStartEvent, SAMPLE_AT, sampleCharge } from '../../ledger/sample.ts'
import { openPostgres, type PostgresStores } from './index.ts'

const skipReason = await postgresSkipReason()

describe.skipIf(skipReason !== null)(`two nodes on one PostgreSQL database ${skipReason ?? ''}`, () => {
  let database: TestDatabase
  let nodes: readonly [PostgresStores, PostgresStores]
  beforeEach(async () => {
    database = await newTestDatabase()
    // At once: both find an empty database.
    nodes = await Promise.all([openPostgres(database), openPostgres(database)])
  })
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    await database.drop()
  })
  const doors = () => nodes.map(({ ledger }) => committer(ledger))

  it('never grant more than a budget has, use it up, and leave no gap in the journal', { timeout: 60_000 }, async () => {
    const limit = 10_000n
    const [a, b] = doors()
    await a!.submit(recordOf('org', budgetSetEvent({ id: 'b', dimension: 'organization', limit: picos(limit) })))
    const outcomes = await Promise.all(
      Array.from({ length: 400 }, (_, at) =>
        (at % 2 === 0 ? a! : b!).submit(recordOf('org', holdEvent({ id: `c${at}`, amount: picos(BigInt(1 + ((at * 37) % 60))) }))),
      ),
    )
    const [counter] = await nodes[0].ledger.counters('org')
    expect(counter!.held).toBeLessThanOrEqual(limit)
    expect(counter!.held).toBeGreaterThan((limit * 95n) / 100n)
    expect(outcomes.every((outcome) => outcome.ok || outcome.error.code === 'budget_exceeded')).toBe(true)
    const entries = await nodes[1].ledger.read(0, 10_000)
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1))
    expect(entries.filter(({ event }) => event.kind === 'hold')).toHaveLength(outcomes.filter(({ ok }) => ok).length)
    // However many are refused, and by whichever node, that the budget is exhausted is told once.
    expect(entries.map(({ event }) => event.kind).filter((kind) => kind !== 'hold')).toEqual(['budget_set', 'budget_exhausted'])
  })

  it('post an id once, and give its answer from both', async () => {
    const [a, b] = doors()
    const commands = Array.from({ length: 50 }, (_, at) =>
      recordOf('org', callEvent({ id: `c${at}`, charge: sampleCharge(BigInt(at + 1)) })),
    )
    const [fromA, fromB] = await Promise.all([a!.submitAll(commands), b!.submitAll(commands)])
    for (const [at, outcome] of fromA.entries()) {
      const other = fromB[at]!
      expect(outcome.ok && other.ok && outcome.value.entry).toEqual(other.ok && other.value.entry)
      expect([outcome, other].filter((each) => each.ok && !each.value.replayed)).toHaveLength(1)
    }
    const other = await b!.submit(recordOf('org', callEvent({ id: 'c1', charge: sampleCharge(2n), agent: 'someone else' })))
    expect(other).toMatchObject({ ok: false, error: { code: 'id_reused' } })
    expect(tally(emptyTally(), await nodes[0].ledger.read(0, 1_000))).toMatchObject({ calls: 50, head: 50 })
  })

  it('see what the other has changed, whatever they kept in memory', async () => {
    const [a, b] = doors()
    const set = (id: string, limit: bigint) => recordOf('org', budgetSetEvent({ id, dimension: 'agent', limit: picos(limit) }))
    const hold = (id: string, amount: bigint) => recordOf('org', holdEvent({ id, agent: 'x', amount: picos(amount), run: 'r' }))
    // Each asks twice, so that it trusts what it kept, before the other changes it.
    expect((await a!.submit(hold('h1', 5n))).ok).toBe(true)
    expect((await a!.submit(hold('h2', 5n))).ok).toBe(true)
    expect((await b!.submit(set('b1', 20n))).ok).toBe(true)
    expect((await a!.submit(hold('h3', 100n))).ok).toBe(false)
    expect((await a!.submit(hold('h4', 10n))).ok).toBe(true)
    expect((await a!.submit(hold('h5', 1n))).ok).toBe(false)
    expect((await b!.submit(hold('h6', 1n))).ok).toBe(false)
    expect((await b!.submit(recordOf('org', callEvent({ id: 'h4', agent: 'x', charge: sampleCharge(3n), run: 'r' })))).ok).toBe(true)
    expect((await a!.submit(hold('h7', 7n))).ok).toBe(true)
    expect((await a!.submit(hold('h8', 1n))).ok).toBe(false)
    expect((await b!.submit(recordOf('org', { kind: 'budget_remove', removal: { id: 'b1', at: SAMPLE_AT } }))).ok).toBe(true)
    expect((await a!.submit(hold('h9', 1_000n))).ok).toBe(true)
    expect((await a!.submit(set('b2', 2_000n))).ok).toBe(true)
    // It takes over what is held: h9 and the two before it.
    expect(await b!.submit(hold('h10', 990n))).toMatchObject({ ok: false, error: { code: 'budget_exceeded' } })
    await b!.submit(recordOf('org', runStartEvent({ id: 'r', workflow: 'Report' })))
    const inherited = await a!.submit(recordOf('org', callEvent({ id: 'c', run: 'r', workflow: null })))
    expect(inherited).toMatchObject({ ok: true, value: { entry: { event: { call: { workflow: 'Report' } } } } })
  })

  it('hear of each other', async () => {
    let heard = 0
    await nodes[0].peers.listen(() => {
      heard += 1
    })
    const before = heard
    await doors()[1]!.submit(recordOf('org', callEvent({ id: 'c1' })))
    await expect.poll(() => heard).toBeGreaterThan(before)
    expect(await nodes[0].peers.news()).toMatchObject({ head: 1 })
  })

  it('know that the other has changed a document, also where nobody is named for it', async () => {
    const version = async () => (await nodes[0].peers.news()).documentsVersion
    const change = (basedOn: number) => ({ organization: 'org', kind: 'k', id: '1', at: 1, body: '{}', basedOn })
    const before = await version()
    expect(await nodes[1].documents.putDocuments([change(0)], [])).toBe(true)
    const after = await version()
    expect(after).not.toBe(before)
    expect(await nodes[1].documents.putDocuments([change(0)], [])).toBe(false)
    expect(await version()).toBe(after)
  })
})
