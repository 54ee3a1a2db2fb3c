import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { migrate } from './migrate.ts'

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

  it('refuse what a newer program wrote', () => {
    const database = new Database(':memory:')
    migrate(database, ['CREATE TABLE a (x)', 'CREATE TABLE b (x)'])
    expect(() => migrate(database, ['CREATE TABLE a (x)'])).toThrow(/newer Purser/)
  })
})

function schemaOf(database: Database.Database): string[] {
  return database.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).pluck().all()
}
