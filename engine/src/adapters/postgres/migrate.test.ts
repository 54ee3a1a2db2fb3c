import postgres from 'postgres'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../../../../conformance/postgres/database.ts'
import { newTestDatabase, postgresSkipReason } from '../../../../conformance/postgres/test-database.ts'
import { openPostgres } from './index.ts'
import { migrate } from './migrate.ts'

const skipReason = await postgresSkipReason()

describe.skipIf(skipReason !== null)(`migrations on PostgreSQL ${skipReason ?? ''}`, () => {
  let database: TestDatabase
  let sql: ReturnType<typeof postgres>
  beforeEach(async () => {
    database = await newTestDatabase()
    sql = postgres(database.url, { onnotice: () => {}, fetch_types: false })
  })
  afterEach(async () => {
    await sql.end()
    await database.drop()
  })
  const tables = async (): Promise<string[]> => {
    const rows = await sql<
      { name: string }[]
    >`SELECT relname AS name FROM pg_class WHERE relnamespace = 'purser'::regnamespace AND relkind = 'r'`
    return rows.map(({ name }) => name).sort()
  }
  const A = 'CREATE TABLE purser.a (x int)'
  const B = 'CREATE TABLE purser.b (x int)'

  it('are made once when several nodes start at once, and change nothing the second time', async () => {
    const nodes = await Promise.all(Array.from({ length: 4 }, () => openPostgres(database)))
    const made = await tables()
    expect(made.length).toBeGreaterThan(12)
    await (await openPostgres(database)).close()
    expect(await tables()).toEqual(made)
    await Promise.all(nodes.map((node) => node.close()))
  })

  it('add only the missing steps, all or none', async () => {
    await migrate(sql, [A])
    await expect(migrate(sql, [A, B, B])).rejects.toThrow(/already exists/)
    expect(await tables()).toEqual(['a', 'schema_version'])
    await migrate(sql, [A, B])
    expect(await tables()).toEqual(['a', 'b', 'schema_version'])
  })

  it('refuse what a newer program wrote', async () => {
    await migrate(sql, [A, B])
    await expect(migrate(sql, [A])).rejects.toThrow(/newer Purser \(schema 2, this program knows 1\)/)
  })
})

describe.skipIf(skipReason !== null)(`opening PostgreSQL ${skipReason ?? ''}`, () => {
  it('says what it is connected to, and never the password', async () => {
    const database = await newTestDatabase()
    const stores = await openPostgres(database)
    const { password, hostname, pathname } = new URL(database.url)
    expect(stores.about).toContain(`${hostname}:`)
    expect(stores.about).toContain(pathname)
    expect(stores.about).toMatch(/^PostgreSQL \d+/)
    if (password !== '') expect(stores.about).not.toContain(password)
    await stores.close()
    await database.drop()
  })

  it('works for a user who may do nothing more than own a database, once the roles are there', async () => {
    const database = await newTestDatabase()
    await (await openPostgres(database)).close()
    const admin = postgres(database.url, { max: 1, onnotice: () => {}, fetch_types: false })
    const name = `purser_plain_${Date.now()}`
    const plain = new URL(database.url)
    plain.username = name
    plain.password = 'p'
    try {
      await admin.unsafe('DROP SCHEMA purser CASCADE')
      await admin.unsafe(`CREATE ROLE ${name} LOGIN PASSWORD 'p'`)
      await admin.unsafe(`ALTER DATABASE ${plain.pathname.slice(1)} OWNER TO ${name}`)
      await expect(openPostgres({ url: plain.href })).rejects.toThrow(/GRANT purser_books, purser_tenant/)
      await admin.unsafe(`GRANT purser_books, purser_tenant TO ${name}`)
      const stores = await openPostgres({ url: plain.href })
      expect(await stores.ledger.head()).toBe(0)
      await stores.close()
    } finally {
      await admin.end()
      await database.drop()
    }
    const server = postgres(Object.assign(new URL(database.url), { pathname: '/postgres' }).href, { max: 1, fetch_types: false })
    await server.unsafe(`DROP ROLE ${name}`)
    await server.end()
  })

  it('refuses a database that keeps text in another encoding', async () => {
    const database = await newTestDatabase()
    const admin = postgres(database.url, { max: 1, onnotice: () => {}, fetch_types: false })
    const name = `${new URL(database.url).pathname.slice(1)}_ascii`
    await admin.unsafe(`CREATE DATABASE ${name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`)
    const url = Object.assign(new URL(database.url), { pathname: `/${name}` }).href
    await expect(openPostgres({ url })).rejects.toThrow(/SQL_ASCII.*UTF8/)
    await admin.unsafe(`DROP DATABASE ${name}`)
    await admin.end()
    await database.drop()
  })
})
