import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { newDatabase } from '../../conformance/postgres/database.ts'
import type { Decision } from '../src/ledger/index.ts'
import { built } from './built.ts'
import type { Bulk, Place } from './holds-run.ts'
import { median } from './section.ts'

type Postgres = typeof import('../src/adapters/postgres/index.ts')
type Kinds = typeof import('../src/adapters/postgres/rows/row-kinds.ts')
type Tables = typeof import('../src/adapters/postgres/rows/row-table.ts')
type Write = typeof import('../src/adapters/postgres/transaction/write.ts')
type Statement = readonly [statement: string, values: string[]]

/** An empty database on a server, for one run. */
export async function postgresPlace(serverUrl: string): Promise<Place> {
  const database = await newDatabase(serverUrl)
  const data = mkdtempSync(join(tmpdir(), 'purser-bench-'))
  return {
    data,
    databaseUrl: database.url,
    bulk: (batches, calls) => bulkPerSecond(serverUrl, batches, calls),
    remove: async () => {
      await database.drop()
      rmSync(data, { recursive: true })
    },
  }
}

/**
 * The rows that some transactions left (journal, holds, counters and accounts) written once more into an empty database, by the same statements, one a
 * table, sent with the COMMIT of each transaction: nothing looked up, locked, decided or encoded.
 */
async function bulkPerSecond(serverUrl: string, batches: readonly Decision['changes'][], calls: number): Promise<Bulk> {
  const statements = await statementsOf(batches)
  const database = await newDatabase(serverUrl)
  await (await (await built<Postgres>('adapters/postgres/index')).openPostgres({ url: database.url })).close()
  const sql = postgres(database.url, { max: 1, onnotice: () => {}, fetch_types: false, connection: { search_path: 'purser' } })
  const times: number[] = []
  const cpu = process.cpuUsage()
  const began = performance.now()
  for (const batch of statements) {
    const before = performance.now()
    await sql.begin((own) => batch.map(([statement, values]) => own.unsafe(statement, values, { prepare: true })))
    times.push(performance.now() - before)
  }
  const perSecond = (calls / (performance.now() - began)) * 1000
  const { user, system } = process.cpuUsage(cpu)
  await sql.end()
  await database.drop()
  return { perSecond, commitMs: median(times), cpuMicros: (user + system) / calls }
}

const WRITTEN = /^(?:INSERT INTO|DELETE FROM) (?:journal|holds|counters|accounts) /

async function statementsOf(batches: readonly Decision['changes'][]): Promise<Statement[][]> {
  const { ACCOUNTS, COUNTERS, HOLDS } = await built<Kinds>('adapters/postgres/rows/row-kinds')
  const { RowTable } = await built<Tables>('adapters/postgres/rows/row-table')
  const { writeChanges } = await built<Write>('adapters/postgres/transaction/write')
  const tables = [new RowTable(ACCOUNTS), new RowTable(COUNTERS), new RowTable(HOLDS)]
  const all: Statement[][] = []
  for (const changes of batches) {
    const sent: Statement[] = []
    const keep = async (statement: string, values: readonly (string | null)[] = []) => {
      if (WRITTEN.test(statement)) sent.push([statement, values.map(String)])
      return [{}]
    }
    await Promise.all(writeChanges(changes, (changes.entries[0]?.seq ?? 1) - 1, keep, tables, []))
    all.push(sent)
  }
  return all
}
