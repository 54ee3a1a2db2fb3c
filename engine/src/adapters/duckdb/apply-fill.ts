import {
  BIGINT,
  type DuckDBConnection,
  DuckDBMapValue,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  MAP,
  VARCHAR,
} from '@duckdb/node-api'
import { FILLED_FIELDS, type Fill, fillRow } from '../../calls/index.ts'
import { CALL_COLUMNS } from './columns.ts'
import { addToSessions } from './fold.ts'
import { addToRepeats } from './fold-repeats.ts'
import { moveInRollups } from './move-in-rollups.ts'
import { CALL_SELECT, callRowOf } from './read-rows.ts'

/**
 * A run or session came after calls that had named it: those calls, and the calls and runs below, take from it what they lack
 * (`fillRow` says what that means). Rows that are folded already are moved in the sums made from them; the others will be folded as
 * they are from now on, so it makes no difference when a fold happens.
 */
export async function applyFill(connection: DuckDBConnection, fill: Fill, foldedSeq: number): Promise<void> {
  const runIds = fill.by === 'run' ? await runsBelow(connection, fill) : []
  await fillRuns(connection, fill, runIds)
  const lacking = lackingCondition(fill)
  if (lacking === null) return
  const naming = fill.by === 'run' ? 'run_id IN (SELECT unnest($2))' : 'session_id = $2'
  const bound = [[fill.organization, VARCHAR], named(fill, runIds)] as const
  const reader = await connection.runAndReadAll(
    `SELECT ${CALL_SELECT} FROM store.calls WHERE organization = $1 AND ${naming} AND ${lacking}`,
    bound.map(([value]) => value),
    bound.map(([, type]) => type),
  )
  const rows = reader.getRows().map(callRowOf)
  if (rows.length === 0) return
  await run(connection, 'CREATE OR REPLACE TEMP TABLE filled_rows AS SELECT unnest($1) AS seq', [
    [listValue(rows.map((row) => BigInt(row.seq))), LIST(BIGINT)],
  ])
  const moved = rows.filter((row) => row.seq <= foldedSeq).map((before) => ({ before, after: fillRow(fill, before) }))
  if (moved.length === 0) {
    await fillCalls(connection, fill)
    return
  }
  const folded = `store.calls WHERE seq <= ${foldedSeq} AND seq IN (SELECT seq FROM filled_rows)`
  const movesSession = fill.values.sessionId !== null || fill.values.userId !== null
  if (movesSession) await addToSessions(connection, folded, -1)
  await fillCalls(connection, fill)
  if (movesSession) await addToSessions(connection, folded, 1)
  if (fill.values.agent !== null) await addToRepeats(connection, folded)
  await moveInRollups(connection, moved)
}

/** Rows that the fill changes; null: it gives nothing. */
function lackingCondition(fill: Fill): string | null {
  if (Object.keys(fill.tags).length > 0) return 'TRUE'
  const columns = givenColumns(fill)
  return columns.length === 0 ? null : `(${columns.map(({ name }) => `${name} IS NULL`).join(' OR ')})`
}

function givenColumns(fill: Fill): { name: string; value: string }[] {
  return FILLED_FIELDS.flatMap((field) => {
    const value = fill.values[field]
    const column = CALL_COLUMNS.find((known) => known.field === field)
    return value === null || column === undefined ? [] : [{ name: column.name, value }]
  })
}

type Bound = readonly [DuckDBValue, DuckDBType]

function named(fill: Fill, runIds: readonly string[]): Bound {
  return fill.by === 'run' ? [listValue([...runIds]), LIST(VARCHAR)] : [fill.id, VARCHAR]
}

/** The run and all runs below it. `UNION` drops what was found before, so a cycle of parents ends. */
async function runsBelow(connection: DuckDBConnection, fill: Fill): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    `WITH RECURSIVE parents AS (
        SELECT run_id, parent_run_id FROM store.runs WHERE organization = $1 AND parent_run_id IS NOT NULL
        UNION ALL SELECT run_id, parent_run_id FROM store.run_parts WHERE organization = $1 AND parent_run_id IS NOT NULL),
      below(run_id) AS (
        SELECT $2::VARCHAR UNION SELECT parents.run_id FROM parents JOIN below ON parents.parent_run_id = below.run_id)
    SELECT run_id FROM below`,
    [fill.organization, fill.id],
  )
  return reader.getRows().map(([id]) => String(id))
}

/** Fields that a run inherits; the name of the workflow is each run's own. */
const RUN_FIELDS = [
  ['session_id', 'sessionId'],
  ['user_id', 'userId'],
  ['team', 'team'],
  ['project', 'project'],
  ['cost_center', 'costCenter'],
] as const

/** Only where the start of the run is known: what is not said there may still be said by a start that comes. */
async function fillRuns(connection: DuckDBConnection, fill: Fill, runIds: readonly string[]): Promise<void> {
  const settings = RUN_FIELDS.map(([name], index) => `${name} = coalesce(${name}, $${index + 3})`).join(', ')
  const naming = fill.by === 'run' ? 'run_id IN (SELECT unnest($2))' : 'session_id = $2'
  for (const table of ['runs', 'run_parts']) {
    await run(connection, `UPDATE store.${table} SET ${settings} WHERE organization = $1 AND started_at IS NOT NULL AND ${naming}`, [
      [fill.organization, VARCHAR],
      named(fill, runIds),
      ...RUN_FIELDS.map(([, field]): Bound => [fill.values[field], VARCHAR]),
    ])
  }
}

async function fillCalls(connection: DuckDBConnection, fill: Fill): Promise<void> {
  const given = givenColumns(fill)
  const settings = given.map(({ name }, index) => `${name} = coalesce(${name}, $${index + 1})`)
  const values: Bound[] = given.map(({ value }) => [value, VARCHAR])
  const tags = Object.entries(fill.tags)
  if (tags.length > 0) {
    const type = MAP(VARCHAR, VARCHAR)
    values.push([new DuckDBMapValue(tags.map(([key, value]) => ({ key, value }))), type])
    const own = 'coalesce(tags, MAP {}::MAP(VARCHAR, VARCHAR))'
    settings.push(`tags = map_from_entries(list_sort(map_entries(map_concat($${values.length}::MAP(VARCHAR, VARCHAR), ${own}))))`)
  }
  await run(connection, `UPDATE store.calls SET ${settings.join(', ')} WHERE seq IN (SELECT seq FROM filled_rows)`, values)
}

async function run(connection: DuckDBConnection, sql: string, bound: readonly Bound[]): Promise<void> {
  await connection.run(
    sql,
    bound.map(([value]) => value),
    bound.map(([, type]) => type),
  )
}
