import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../../../../conformance/calls/memory-journal.ts'
import { randomJournal } from '../../../../../conformance/calls/random-journal.ts'
import cases from '../../../../../conformance/calls/sql-attacks.json' with { type: 'json' }
import type { CallStore, OrganizationScope, SqlResult } from '../../../calls/index.ts'
import { picos } from '../../../kernel/index.ts'
import { openProjection } from '../projection.ts'
import { PUBLISHED } from '../published.ts'

const journal = randomJournal({ seed: 11, entries: 400 })
const EVERYONE: OrganizationScope = { allOrganizations: true }
let store: CallStore

beforeAll(async () => {
  store = (await openProjection({ path: ':memory:', waitMs: 60_000, memoryMb: 200 }, memoryJournal(journal))).store
  const advice = {
    type: 'expensive_agent',
    priority: 'high',
    subject: 'planner',
    recommendation: 'cache',
    callIds: ['a', 'b'],
    computedAt: 5,
  } as const
  const money = { currentCost: picos(9n), potentialSavings: picos(3n) }
  await store.replaceRecommendations({ organization: 'acme' }, [{ organization: 'acme', ...advice, ...money }])
  await store.replaceRecommendations({ organization: 'globex' }, [{ organization: 'globex', ...advice, ...money }])
})
afterAll(() => store.close())

function ask(text: string, scope: OrganizationScope = { organization: 'acme' }, rowsMax = 10_000, msMax = 5_000): Promise<SqlResult> {
  return store.sql({ scope, text, atLeast: journal.length, rowsMax, msMax })
}

describe('SQL over the published tables', () => {
  it.each(cases.refused)('refuses: $name', async ({ sql }) => {
    await expect(ask(sql)).rejects.toMatchObject({ name: 'QueryFault', code: 'query_refused' })
    await expect(ask(sql, EVERYONE)).rejects.toMatchObject({ name: 'QueryFault', code: 'query_refused' })
  })

  it.each(cases.allowed)('answers: $name', async ({ sql }) => {
    const answer = await ask(sql)
    expect(answer.columns.length).toBeGreaterThan(0)
    for (const row of answer.rows) expect(row).toHaveLength(answer.columns.length)
  })

  it.each(cases.failing)('stops: $name', async ({ sql, code }) => {
    const msMax = code === 'query_limit' ? 200 : 60_000
    await expect(ask(sql, { organization: 'acme' }, 10, msMax)).rejects.toMatchObject({ name: 'QueryFault', code })
  })

  it('goes on working after all that, with nothing lost and no file written', async () => {
    const all = await ask('SELECT count(*) FROM agent_calls', EVERYONE)
    expect(all.rows).toEqual([[String(journal.filter((entry) => entry.event.kind === 'call').length)]])
    expect(existsSync('/tmp/purser-stolen.csv')).toBe(false)
  })

  it.each(PUBLISHED)('%s shows an organization its own rows only, and everyone all of them', async (name) => {
    const text = `SELECT organization_id, count(*) AS n FROM ${name} GROUP BY 1 ORDER BY 1`
    const all = await ask(text, EVERYONE)
    expect(all.rows.length).toBeGreaterThan(1)
    for (const [organization, count] of all.rows) {
      expect(await ask(text, { organization: String(organization) })).toMatchObject({ rows: [[organization, count]] })
    }
    expect(await ask(text, { organization: "nobody' OR '1'='1" })).toMatchObject({ rows: [] })
  })

  it('keeps the scopes of requests that run at the same time apart', async () => {
    const text = 'SELECT DISTINCT organization_id FROM agent_calls'
    const organizations = Array.from({ length: 30 }, (_, index) => ['acme', 'globex', "o'neil; --"][index % 3] ?? '')
    const answers = await Promise.all(organizations.map((organization) => ask(text, { organization })))
    expect(answers.map((answer) => answer.rows)).toEqual(organizations.map((organization) => [[organization]]))
  })

  it('cuts the answer at the row limit and says so', async () => {
    const cut = await ask('SELECT range FROM range(100)', EVERYONE, 7)
    expect(cut).toMatchObject({ truncated: true })
    expect(cut.rows).toHaveLength(7)
    expect(await ask('SELECT range FROM range(7)', EVERYONE, 7)).toMatchObject({ truncated: false })
  })

  it('gives money and large numbers as exact text', async () => {
    const answer = await ask(
      'SELECT 0.000000000001::DECIMAL(38,12) AS pico, 9007199254740993::BIGINT AS large, 1.5 AS small, true AS yes, NULL AS nothing',
    )
    expect(answer.rows).toEqual([['0.000000000001', '9007199254740993', '1.5', true, null]])
    expect(answer.columns.map((column) => column.type)).toEqual(['DECIMAL(38,12)', 'BIGINT', 'DECIMAL(2,1)', 'BOOLEAN', 'INTEGER'])
  })

  it('shows an unpriced call without a cost, and a corrected one with its correction', async () => {
    const unpriced = await ask("SELECT count(*) FROM agent_calls WHERE cost_status = 'unpriced' AND cost_usd IS NOT NULL", EVERYONE)
    expect(unpriced.rows).toEqual([['0']])
    const [sums, cost] = await Promise.all([store.sums(), ask('SELECT sum(cost_usd) FROM agent_calls', EVERYONE)])
    expect(String(cost.rows[0]?.[0]).replace('.', '')).toBe(String(sums.cost).padStart(13, '0'))
  })
})
