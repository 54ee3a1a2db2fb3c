import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { committer } from '../../ledger/index.ts'
import { callEvent, recordOf, runStartEvent } from '../../ledger/sample.ts'
import { ledgerStoreSuite } from '../../ledger/store-suite.ts'
import { openJournalReader, openSqlite } from './index.ts'
import { MIGRATIONS, migrate } from './migrate.ts'

ledgerStoreSuite('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-ledger-'))
  return {
    open: async () => openSqlite({ folder }).ledger,
    remove: async () => rmSync(folder, { recursive: true }),
  }
})

describe('sqlite only', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'purser-ledger-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('lets another connection follow the journal while it is written', async () => {
    const stores = openSqlite({ folder })
    const reader = openJournalReader(stores.path)
    expect(reader.head()).toBe(0)
    const door = committer(stores.ledger)
    for (let at = 1; at <= 3; at++) {
      await door.submit(recordOf('org', callEvent({ id: `c${at}` })))
      expect(reader.head()).toBe(at)
      expect(reader.read(at - 1, 10)).toEqual(await stores.ledger.read(at - 1, 10))
    }
    reader.close()
    await stores.close()
  })

  it('finds ids that were folded into segments as it finds recent ones', async () => {
    const ids = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => (at % 2 === 0 ? `random ${from + at}` : ordered(from + at)))
    for (const [from, to] of [
      [0, 300],
      [300, 600],
    ] as const) {
      // Closing folds, so the second round looks half of its ids up in the table.
      const stores = openSqlite({ folder })
      const door = committer(stores.ledger)
      const outcomes = await door.submitAll(ids(0, to).map((id) => recordOf('org', callEvent({ id }))))
      expect(outcomes.filter((outcome) => outcome.ok && outcome.value.replayed)).toHaveLength(from)
      expect(outcomes.map((outcome) => outcome.ok && outcome.value.entry.seq)).toEqual(Array.from({ length: to }, (_, at) => at + 1))
      await stores.close()
    }
  })

  it.each(['this program', 'one that wrote no keys and no spans'])('knows ids and times again after a crash of %s', async (writer) => {
    const crashed = mkdtempSync(join(tmpdir(), 'purser-crashed-'))
    try {
      const stores = openSqlite({ folder })
      const commands = Array.from({ length: 2_500 }, (_, at) =>
        recordOf('org', at % 50 === 7 ? runStartEvent({ id: `r${at}` }) : callEvent({ id: `c${at}`, at: at * 10 })),
      )
      for (let from = 0; from < commands.length; from += 250) await committer(stores.ledger).submitAll(commands.slice(from, from + 250))
      for (const file of ['ledger.sqlite', 'ledger.sqlite-wal']) copyFileSync(join(folder, file), join(crashed, file))
      await stores.close()
      if (writer !== 'this program') makeOlder(join(crashed, 'ledger.sqlite'))
      const again = openSqlite({ folder: crashed })
      expect((await again.ledger.readCalls({ from: 9_990, to: 10_010 }, 0)).entries.map(({ seq }) => seq)).toEqual([1_000, 1_001])
      // Spans of entries from before the migration hold any time: they are read, and hold nothing that was asked for.
      const throughSeq = writer === 'this program' ? 2_500 : 1_024
      expect(await again.ledger.readCalls({ from: 30_000, to: 40_000 }, 0)).toEqual({ entries: [], adjustments: [], throughSeq })
      const outcomes = await committer(again.ledger).submitAll(commands)
      expect(outcomes.filter((outcome) => !outcome.ok || !outcome.value.replayed)).toEqual([])
      await again.close()
    } finally {
      rmSync(crashed, { recursive: true })
    }
  })
})

/** As the tables were before the fourth migration: what later ones have added is taken away. */
function makeOlder(path: string): void {
  const [database, older] = [new Database(path), new Database(':memory:')]
  const version = 3
  migrate(older, MIGRATIONS.slice(0, version))
  const known = new Set(tablesOf(older))
  for (const table of tablesOf(database)) {
    if (!known.has(table)) {
      database.exec(`DROP TABLE "${table}"`)
      continue
    }
    const columns = new Set(columnsOf(older, table))
    for (const column of columnsOf(database, table)) if (!columns.has(column)) database.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`)
  }
  database.pragma(`user_version = ${version}`)
  database.close()
  older.close()
}

function tablesOf(database: Database.Database): string[] {
  return database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all()
}

function columnsOf(database: Database.Database, table: string): string[] {
  return database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
}

function ordered(at: number): string {
  return `0198c7a0-${at.toString(16).padStart(4, '0')}-7000-8000-${at.toString(16).padStart(12, '0')}`
}
