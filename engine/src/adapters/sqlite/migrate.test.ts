import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { MIGRATIONS, migrate } from './migrate.ts'
import { LEDGER } from './migrations/0001-ledger.ts'
import { KEYS_AND_AUDIT } from './migrations/0002-keys-and-audit.ts'

describe('migrations', () => {
  it('change nothing the second time', () => {
    const database = new Database(':memory:')
    migrate(database)
    const tables = schemaOf(database)
    expect(tables.length).toBeGreaterThan(8)
    migrate(database)
    expect(schemaOf(database)).toEqual(tables)
  })

  it('add only the missing steps, all or none', () => {
    const database = new Database(':memory:')
    migrate(database, ['CREATE TABLE a (x)'])
    expect(() => migrate(database, ['CREATE TABLE a (x)', 'CREATE TABLE b (x)', 'CREATE TABLE b (x)'])).toThrow()
    expect(schemaOf(database)).toEqual(['a'])
    migrate(database, ['CREATE TABLE a (x)', 'CREATE TABLE b (x)'])
    expect(schemaOf(database)).toEqual(['a', 'b'])
  })

  it('keep the keys of a folder written before keys could sign, but not how an own bootstrap secret begins', () => {
    const database = new Database(':memory:')
    migrate(database, [LEDGER, KEYS_AND_AUDIT])
    const old = (id: string, organization: string | null, prefix: string): string => JSON.stringify({ id, organization, prefix })
    const insert = database.prepare('INSERT INTO keys VALUES (?, ?, ?, ?, ?)')
    insert.run('k1', 'org', 'a', 1, old('k1', 'org', 'finops_abcdef'))
    insert.run('k2', null, 'b', 2, old('k2', null, 'finops_ghijkl'))
    insert.run('k3', null, 'c', 3, old('k3', null, 'my-own-secret'))
    migrate(database)
    const kept = database.prepare('SELECT id, sha256, last_used_at, body FROM keys ORDER BY id').all() as { body: string }[]
    expect(kept.map(({ body, ...row }) => ({ ...row, ...(JSON.parse(body) as object) }))).toEqual([
      { id: 'k1', sha256: 'a', last_used_at: null, organization: 'org', prefix: 'finops_abcdef', publicKey: null },
      { id: 'k2', sha256: 'b', last_used_at: null, organization: null, prefix: 'finops_ghijkl', publicKey: null },
      { id: 'k3', sha256: 'c', last_used_at: null, organization: null, prefix: 'ADMIN_KEY', publicKey: null },
    ])
  })

  it('let spans from before hold the time up to which their calls may count', () => {
    const database = new Database(':memory:')
    migrate(database, MIGRATIONS.slice(0, 11))
    database.exec(`INSERT INTO journal (seq, organization, kind, recorded_at, body) VALUES (1024, 'org', 'call', 5000, '[]')`)
    database.exec('INSERT INTO journal_spans VALUES (1024, 10, 20), (2048, NULL, NULL), (3072, 7, 8)')
    migrate(database)
    expect(database.prepare('SELECT latest FROM journal_spans ORDER BY last_seq').pluck().all()).toEqual([5_000 + 86_400_000, null, 8])
  })

  it('refuse what a newer program wrote', () => {
    const database = new Database(':memory:')
    migrate(database, ['CREATE TABLE a (x)', 'CREATE TABLE b (x)'])
    expect(() => migrate(database, ['CREATE TABLE a (x)'])).toThrow(/newer Purser/)
  })
})

function schemaOf(database: Database.Database): string[] {
  return database.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).pluck().all()
}
