import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CallStore, type OrganizationScope, verify } from '../../../calls/index.ts'
import { picos } from '../../../kernel/index.ts'
import { committer, type RecordCommand } from '../../../ledger/index.ts'
import { callEvent, recordOf, runStartEvent, sampleCharge } from '../../../ledger/sample.ts'
import { openJournalReader, openSqlite, type SqliteStores } from '../../sqlite/index.ts'
import { openDuckdbCallStore } from './call-store.ts'

const EVERYONE: OrganizationScope = { allOrganizations: true }
const CALLS = 4_000
let folder: string
let ledger: SqliteStores
let head: number

function command(index: number): RecordCommand {
  const organization = index % 3 === 0 ? 'globex' : 'acme'
  const run = `run-${Math.floor(index / 50)}`
  if (index % 50 === 25) return recordOf(organization, runStartEvent({ id: run, workflow: 'report', user: 'alice' }))
  return recordOf(
    organization,
    callEvent({ id: `call-${index}`, run, agent: `agent-${index % 7}`, charge: sampleCharge(BigInt(index) * 1_000_003n) }),
  )
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'purser-projection-'))
  ledger = openSqlite({ folder })
  const door = committer(ledger.ledger)
  for (let start = 0; start < CALLS; start += 1_000) {
    const outcomes = await door.submitAll(Array.from({ length: 1_000 }, (_, index) => command(start + index)))
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true)
  }
  head = await ledger.ledger.head()
})
afterAll(async () => {
  await ledger.close()
  rmSync(folder, { recursive: true })
})

function open(name: string): Promise<CallStore> {
  return openDuckdbCallStore({ path: join(folder, name), journal: ledger.path, waitMs: 60_000 })
}

async function agrees(store: CallStore): Promise<void> {
  await store.rows({ scope: EVERYONE, atLeast: head, limit: 1 })
  const seen = await verify(openJournalReader(ledger.path), store, {
    accounts: await ledger.ledger.accounts(null),
    counters: await ledger.ledger.counters(null),
    agents: await ledger.ledger.agentStates(null),
  })
  expect(seen).toMatchObject({ agrees: true, amounts: [] })
  expect(seen.journal.head).toBe(head)
}

describe('the projection thread', () => {
  it('follows the journal of the ledger, from its own connection, to the pico', async () => {
    const store = await open('plain.duckdb')
    await agrees(store)
    const [total] = await store.aggregate({ scope: EVERYONE, groupBy: [], atLeast: head })
    expect(total?.cost).toBe((await store.sums()).cost)
    await store.close()
  })

  it('carries refusals, bigints and progress across', async () => {
    const store = await open('messages.duckdb')
    await expect(store.sql({ scope: EVERYONE, text: 'DROP TABLE x', atLeast: 0, rowsMax: 1, msMax: 100 })).rejects.toMatchObject({
      name: 'QueryFault',
      code: 'query_refused',
    })
    const progress: number[] = []
    await store.rebuild(head, (seq) => progress.push(seq))
    expect(progress.at(-1)).toBe(head)
    const advice = {
      organization: 'acme',
      type: 't',
      priority: 'low',
      subject: 's',
      recommendation: 'r',
      callIds: [],
      computedAt: 1,
    } as const
    await store.replaceRecommendations({ organization: 'acme' }, [
      { ...advice, currentCost: picos(5n), potentialSavings: picos(2n) },
      { ...advice, subject: null, currentCost: picos(5n), potentialSavings: null },
    ])
    const answer = await store.sql({
      scope: EVERYONE,
      text: 'SELECT subject, potential_savings_usd FROM optimization_recommendations ORDER BY 1',
      atLeast: 0,
      rowsMax: 9,
      msMax: 5_000,
    })
    expect(answer.rows).toEqual([
      ['s', '0.000000000002'],
      [null, null],
    ])
    await agrees(store)
    await store.close()
    await expect(store.sums()).rejects.toMatchObject({ name: 'QueryFault', code: 'query_failed' })
  })

  it('has an acknowledged call in the very next answer', async () => {
    const store = await open('plain.duckdb')
    const door = committer(ledger.ledger)
    for (let index = 0; index < 20; index += 1) {
      const posted = await door.submit(recordOf('fresh', callEvent({ id: `fresh-${index}` })))
      if (!posted.ok) throw new Error(posted.error.detail)
      head = posted.value.entry.seq
      const rows = await store.rows({ scope: { organization: 'fresh' }, atLeast: head, limit: 100 })
      expect(rows).toHaveLength(index + 1)
    }
    await store.close()
  })

  it('starts again after a failure of the whole thread, and refuses only what was asked of the failed one', async () => {
    const store = await openDuckdbCallStore({
      path: join(folder, 'failing.duckdb'),
      journal: ledger.path,
      waitMs: 60_000,
      thread: new URL('../../../../../conformance/calls/failing-thread.ts', import.meta.url),
    })
    await agrees(store)
    for (let round = 0; round < 2; round += 1) {
      const asked = await Promise.allSettled([store.amounts(13, 14), store.sums()])
      const refused = { status: 'rejected', reason: { code: 'query_failed', message: 'the projection thread failed: planted' } }
      expect(asked).toMatchObject([refused, refused])
      const [one, other] = await Promise.all([store.sums(), store.sums()])
      expect(one).toEqual(other)
      await agrees(store)
    }
    await expect(store.amounts(13, 14)).rejects.toMatchObject({ code: 'query_failed' })
    await store.close()
    await expect(store.sums()).rejects.toMatchObject({ code: 'query_failed' })
  })

  it('takes in every entry exactly once, whenever its process is killed', async () => {
    for (const killAt of [1, 2_001]) await killedAt(killAt)
    const store = await open('killed.duckdb')
    await agrees(store)
    await store.close()
  }, 120_000)
})

/** Runs a process that projects until it has come so far, then kills it as hard as can be. */
async function killedAt(watermark: number): Promise<void> {
  const script = fileURLToPath(new URL('../../../../../conformance/calls/follow-journal.ts', import.meta.url))
  const flags = ['--import', 'tsx', '--conditions=@purser/source', script]
  const child = spawn(process.execPath, [...flags, join(folder, 'killed.duckdb'), ledger.path, String(head)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let last = 0
  child.stdout.on('data', (data: Buffer) => {
    last = Number(data.toString().trim().split('\n').at(-1))
    if (last >= watermark) child.kill('SIGKILL')
  })
  await ended
  expect(last).toBeGreaterThanOrEqual(watermark)
}
