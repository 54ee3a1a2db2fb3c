import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../conformance/postgres/database.ts'
import { newTestDatabase, postgresSkipReason } from '../../../../conformance/postgres/test-database.ts'
import { picos } from '../../kernel/index.ts'
import { committer } from '../../ledger/index.ts'
import { budgetSetEvent, callEvent, holdEvent, recordOf, runStartEvent, sessionStartEvent } from '../../ledger/sample.ts'
import { openPostgres, type PostgresStores } from './index.ts'

const skipReason = await postgresSkipReason()

describe.skipIf(skipReason !== null)(`row-level security on PostgreSQL ${skipReason ?? ''}`, () => {
  let database: TestDatabase
  let stores: PostgresStores
  let sql: ReturnType<typeof postgres>
  let tables: string[]
  beforeAll(async () => {
    database = await newTestDatabase()
    stores = await openPostgres(database)
    const door = committer(stores.ledger)
    for (const organization of ['a', 'b']) {
      const audit = { at: 1, organization, actor: 'x', action: 'y', target: 'z', before: null, after: null }
      const outcomes = await door.submitAll([
        recordOf(organization, runStartEvent({ id: 'r' })),
        recordOf(organization, sessionStartEvent({ id: 's' })),
        recordOf(organization, budgetSetEvent({ id: 'b', organization, dimension: 'organization', limit: picos(1_000n) })),
        recordOf(organization, holdEvent({ id: 'h', amount: picos(10n) })),
        recordOf(organization, callEvent({ id: 'c' })),
      ])
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([])
      await stores.audit.audit(audit)
    }
    sql = postgres(database.url, { max: 1, onnotice: () => {} })
    const found = await sql<{ table: string }[]>`
      SELECT table_name AS table FROM information_schema.columns WHERE table_schema = 'purser' AND column_name = 'organization' ORDER BY 1`
    tables = found.map(({ table }) => table)
  })
  afterAll(async () => {
    await sql.end()
    await stores.close()
    await database.drop()
  })

  /** Plain SQL as whoever reads for one organization. */
  const asTenant = (organization: string | null, statement: string) =>
    sql.begin(async (transaction) => {
      await transaction.unsafe('SET LOCAL ROLE purser_tenant')
      if (organization !== null) await transaction`SELECT set_config('purser.organization', ${organization}, true)`
      return await transaction.unsafe(statement)
    })

  it('shows a reader of one organization no row of another, in any table', async () => {
    expect(tables.length).toBeGreaterThan(9)
    const seen: string[] = []
    for (const table of tables) {
      const rows = await asTenant('a', `SELECT organization FROM purser.${table}`)
      expect(rows.filter(({ organization }) => organization !== 'a')).toEqual([])
      if (rows.length > 0) seen.push(table)
      const [both] = await sql.unsafe(`SELECT count(DISTINCT organization)::int AS organizations FROM purser.${table}`)
      if (rows.length > 0) expect(both).toEqual({ organizations: 2 })
    }
    for (const table of ['journal', 'runs', 'sessions', 'accounts', 'budgets', 'counters', 'holds', 'audit', 'organizations']) {
      expect(seen).toContain(table)
    }
  })

  it('shows nothing where no organization is set, or one that does not exist', async () => {
    for (const organization of [null, '', 'c', "a' OR true --"]) {
      for (const table of tables) expect(await asTenant(organization, `SELECT * FROM purser.${table}`)).toHaveLength(0)
    }
  })

  it('lets such a reader change nothing, and see nothing that is of all organizations together', async () => {
    for (const statement of [
      `UPDATE purser.accounts SET debits = 0`,
      `DELETE FROM purser.journal`,
      `INSERT INTO purser.organizations VALUES ('a2')`,
      `SELECT * FROM purser.ledger_head`,
      `SELECT * FROM purser.journal_spans`,
    ]) {
      await expect(asTenant('a', statement)).rejects.toMatchObject({ code: '42501' })
    }
  })

  it('holds for the owner of the tables too, and lets nobody of the program change the journal or the trail', async () => {
    const [{ open } = { open: null }] = await sql`
      SELECT count(*)::int AS open FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE nspname = 'purser' AND relkind = 'r' AND relname <> 'schema_version' AND NOT (relrowsecurity AND relforcerowsecurity)`
    expect(open).toBe(0)
    const [{ bypassing } = { bypassing: null }] = await sql`
      SELECT count(*)::int AS bypassing FROM pg_roles WHERE rolname LIKE 'purser%' AND (rolsuper OR rolbypassrls OR rolcanlogin)`
    expect(bypassing).toBe(0)
    for (const statement of ['UPDATE purser.journal SET body = body', 'DELETE FROM purser.journal', 'DELETE FROM purser.audit']) {
      await expect(sql.begin((own) => [own`SET LOCAL ROLE purser_books`, own.unsafe(statement)])).rejects.toMatchObject({ code: '42501' })
    }
  })

  it('is what scoped questions go through', async () => {
    expect((await stores.ledger.findRuns('a', 'r')).map(({ organization }) => organization)).toEqual(['a'])
    expect(await stores.ledger.findCall('c', 'c')).toBeNull()
    expect(await stores.audit.auditTrail('a', 0, 10)).toHaveLength(1)
    // Were the policy gone, this would still hold; were the condition gone, the policy would hold it.
    expect((await stores.ledger.counters('b')).map(({ organization }) => organization)).toEqual(['b'])
  })
})
