import { BIGINT, type DuckDBConnection, type DuckDBType, type DuckDBValue, LIST, listValue, VARCHAR } from '@duckdb/node-api'
import { type CallRow, type Fill, fillConcerns, fillRow } from '../../../calls/index.ts'
import { appendRecords } from '../append.ts'
import { CALL_COLUMNS, type Column } from '../columns.ts'
import { addToRuns, addToSessions } from '../fold.ts'
import { addToRepeats } from '../fold-repeats.ts'
import { CALL_SELECT, callRowOf } from '../read-rows.ts'
import { type Moved, moveInRollups } from '../rollup/move-in-rollups.ts'
import { fillRuns, runsBelow } from './fill-runs.ts'

/**
 * Runs and sessions came after calls that had named them: those calls, and the calls and runs below, take from them what they lack
 * (`fillRow` says what that means), the earlier one first. The rows after a late entry do not concern it, so it makes no difference
 * which entries were written together. Rows that are folded already are moved in the sums made from them; the others will be folded
 * as they are from now on, so it makes no difference either when a fold happens.
 */
export async function applyFills(connection: DuckDBConnection, fills: readonly Fill[], foldedSeq: number): Promise<void> {
  if (fills.length === 0) return
  const below = await runsBelow(connection, fills)
  for (const fill of fills) await fillRuns(connection, fill, below.get(fill) ?? [])
  const moved = (await candidates(connection, fills, below)).flatMap((before) => {
    const after = fills.reduce((row, fill) => (concerns(fill, below.get(fill), row) ? fillRow(fill, row) : row), before)
    return FILLABLE.some(({ field }) => !same(before[field], after[field])) ? [{ before, after }] : []
  })
  if (moved.length === 0) return
  // A session's name for the workflow, or that of a call, changes what the calls of a run without a start say of it.
  const namesRuns = fills.some((fill) => (fill.by === 'session' ? fill.values.workflow : fill.ownWorkflow) !== null)
  await writeBack(connection, moved, foldedSeq, namesRuns)
  await moveInRollups(
    connection,
    moved.filter(({ before }) => before.seq <= foldedSeq),
  )
}

function concerns(fill: Fill, below: readonly string[] | undefined, row: CallRow): boolean {
  if (fill.by === 'session') return fillConcerns(fill, row)
  return row.runId !== null && below?.includes(row.runId) === true && fillConcerns({ ...fill, id: row.runId }, row)
}

/** Rows that name one of the runs or sessions; whether a fill concerns them is seen one by one. */
async function candidates(
  connection: DuckDBConnection,
  fills: readonly Fill[],
  below: ReadonlyMap<Fill, readonly string[]>,
): Promise<CallRow[]> {
  const organizations = new Set(fills.map((fill) => fill.organization))
  const runs = new Set(fills.flatMap((fill) => below.get(fill) ?? []))
  const sessions = new Set(fills.flatMap((fill) => (fill.by === 'session' ? [fill.id] : [])))
  const list = (values: Set<string>): Bound => [listValue([...values]), LIST(VARCHAR)]
  const bound = [list(organizations), list(runs), list(sessions)]
  const seqs = `SELECT seq FROM store.calls WHERE organization IN (SELECT unnest($1)) AND run_id IN (SELECT unnest($2))
    UNION SELECT seq FROM store.calls WHERE organization IN (SELECT unnest($1)) AND session_id IN (SELECT unnest($3))`
  const reader = await connection.runAndReadAll(
    `SELECT ${CALL_SELECT} FROM store.calls WHERE seq IN (${seqs})`,
    bound.map(([value]) => value),
    bound.map(([, type]) => type),
  )
  return reader.getRows().map(callRowOf)
}

type Bound = readonly [DuckDBValue, DuckDBType]

const FILLABLE_NAMES = ['agent', 'workflow', 'session_id', 'user_id', 'team', 'project', 'cost_center', 'action', 'tags']
const FILLABLE: readonly Column<CallRow>[] = CALL_COLUMNS.filter((column) => FILLABLE_NAMES.includes(column.name))
const WRITTEN: readonly Column<CallRow>[] = CALL_COLUMNS.filter((column) => column.name === 'seq' || FILLABLE_NAMES.includes(column.name))

async function writeBack(connection: DuckDBConnection, moved: readonly Moved[], foldedSeq: number, namesRuns: boolean): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE filled_rows AS SELECT ${WRITTEN.map(({ name }) => name).join(', ')} FROM store.calls LIMIT 0`,
  )
  await appendRecords(
    connection,
    'filled_rows',
    WRITTEN,
    moved.map(({ after }) => after),
    null,
  )
  const changes = (...fields: (keyof CallRow)[]): boolean =>
    moved.some(({ before, after }) => before.seq <= foldedSeq && fields.some((field) => before[field] !== after[field]))
  const folded = `store.calls WHERE seq <= ${foldedSeq} AND seq IN (SELECT seq FROM filled_rows)`
  const movesSession = changes('sessionId', 'userId')
  const movesRun = namesRuns && changes('workflow')
  if (movesSession) await addToSessions(connection, folded, -1)
  if (movesRun) await addToRuns(connection, folded, -1)
  await updateCalls(connection, moved)
  if (movesRun) await addToRuns(connection, folded, 1)
  if (movesSession) await addToSessions(connection, folded, 1)
  if (changes('agent')) await addToRepeats(connection, folded)
}

async function updateCalls(connection: DuckDBConnection, moved: readonly Moved[]): Promise<void> {
  // Tags are written only where they change: the rows of a column of maps are not updated in place but written anew.
  const withTags = moved.filter(({ before, after }) => !same(before.tags, after.tags))
  const plain = FILLABLE.filter(({ name }) => name !== 'tags').map(({ name }) => `${name} = filled.${name}`)
  await connection.run(`UPDATE store.calls SET ${plain.join(', ')} FROM filled_rows AS filled WHERE calls.seq = filled.seq`)
  if (withTags.length === 0) return
  const seqs = listValue(withTags.map(({ after }) => BigInt(after.seq)))
  await connection.run(
    'UPDATE store.calls SET tags = filled.tags FROM filled_rows AS filled WHERE calls.seq = filled.seq AND calls.seq IN (SELECT unnest($1))',
    [seqs],
    [LIST(BIGINT)],
  )
}

function same(left: unknown, right: unknown): boolean {
  return left === right || (typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right))
}
