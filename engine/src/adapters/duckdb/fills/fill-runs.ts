import { type DuckDBConnection, type DuckDBType, type DuckDBValue, LIST, listValue, VARCHAR } from '@duckdb/node-api'
import type { Fill } from '../../../calls/index.ts'
import { appendRecords } from '../append.ts'
import type { Column } from '../columns.ts'

/**
 * For each fill by a run: that run and all runs below it, as far as they had started before. `UNION` drops what was found before,
 * so a cycle of parents ends. Nothing for a fill by a session.
 */
export async function runsBelow(connection: DuckDBConnection, fills: readonly Fill[]): Promise<Map<Fill, string[]>> {
  const byRun = fills.filter((fill) => fill.by === 'run')
  const found = new Map(byRun.map((fill) => [fill.seq, [fill.id]]))
  if (byRun.length === 0) return new Map()
  await connection.run('CREATE OR REPLACE TEMP TABLE filling_runs (seq BIGINT, organization VARCHAR, run_id VARCHAR)')
  await appendRecords(connection, 'filling_runs', FILLING_COLUMNS, byRun, null)
  const reader = await connection.runAndReadAll(
    `WITH RECURSIVE children AS (
        SELECT 0 AS seq, organization, run_id, parent_run_id FROM store.runs WHERE parent_run_id IS NOT NULL
        UNION ALL SELECT seq, organization, run_id, parent_run_id FROM store.run_parts WHERE parent_run_id IS NOT NULL),
      below(seq, organization, run_id) AS (
        SELECT seq, organization, run_id FROM filling_runs
        UNION SELECT below.seq, below.organization, children.run_id FROM children JOIN below
          ON children.organization = below.organization AND children.parent_run_id = below.run_id AND children.seq < below.seq)
    SELECT seq, run_id FROM below`,
  )
  for (const [seq, id] of reader.getRows()) {
    const ids = found.get(Number(seq)) ?? []
    if (!ids.includes(String(id))) ids.push(String(id))
  }
  return new Map(byRun.map((fill) => [fill, found.get(fill.seq) ?? []]))
}

const FILLING_COLUMNS: readonly Column<Fill>[] = [
  { name: 'seq', field: 'seq', kind: 'integer' },
  { name: 'organization', field: 'organization', kind: 'text' },
  { name: 'run_id', field: 'id', kind: 'text' },
]

/** Fields that a run inherits; the name of the workflow is each run's own. */
const RUN_FIELDS = [
  ['session_id', 'sessionId'],
  ['user_id', 'userId'],
  ['team', 'team'],
  ['project', 'project'],
  ['cost_center', 'costCenter'],
] as const

/**
 * Gives the runs of a session, or those below a run, what they lack. Only where the start of the run is known: what is not said there
 * may still be said by a start that comes. The run itself says what it gives, and needs nothing.
 */
export async function fillRuns(connection: DuckDBConnection, fill: Fill, below: readonly string[]): Promise<void> {
  const given = RUN_FIELDS.filter(([, field]) => fill.values[field] !== null)
  const children = below.filter((id) => id !== fill.id)
  if (given.length === 0 || (fill.by === 'run' && children.length === 0)) return
  const settings = given.map(([name], index) => `${name} = coalesce(${name}, $${index + 3})`).join(', ')
  const naming = fill.by === 'run' ? 'run_id IN (SELECT unnest($2))' : 'session_id = $2'
  const where = `organization = $1 AND started_at IS NOT NULL AND ${naming}`
  const bound: [DuckDBValue, DuckDBType][] = [
    [fill.organization, VARCHAR],
    fill.by === 'run' ? [listValue(children), LIST(VARCHAR)] : [fill.id, VARCHAR],
    ...given.map(([, field]): [DuckDBValue, DuckDBType] => [fill.values[field], VARCHAR]),
  ]
  const values = bound.map(([value]) => value)
  const types = bound.map(([, type]) => type)
  for (const table of ['runs', 'failed_runs']) await connection.run(`UPDATE store.${table} SET ${settings} WHERE ${where}`, values, types)
  await connection.run(`UPDATE store.run_parts SET ${settings} WHERE ${where} AND seq < ${fill.seq}`, values, types)
}
