import type { DuckDBConnection } from '@duckdb/node-api'
import { RUN_PART_COLUMNS, SESSION_PART_COLUMNS } from './columns.ts'
import { addToRepeats } from './fold-repeats.ts'
import { measuresOfCalls, measuresOfSums } from './measure-columns.ts'
import { addToRollups } from './rollup/rollup.ts'

/**
 * Folds rows of `calls` with seq in `(afterSeq, toSeq]` into the tables made from them: rollups, runs, sessions, repeats. Runs in the
 * caller's transaction. Sums are associative, so it does not matter how the journal was cut into folds.
 * Returns how many rollup rows were added.
 */
export async function foldCalls(connection: DuckDBConnection, afterSeq: number, toSeq: number): Promise<number> {
  const source = `store.calls WHERE seq > ${afterSeq} AND seq <= ${toSeq}`
  const [rows, parts] = await counts(connection, `(SELECT count(*) FROM ${source})`, PENDING_PARTS)
  const added = rows > 0 ? await addToRollups(connection, source, toSeq) : 0
  if (rows > 0 || parts > 0) await addToRuns(connection, source, 1)
  if (rows > 0 || parts > 0) await addToSessions(connection, source, 1)
  if (parts > 0) await connection.run('DELETE FROM store.run_parts')
  if (parts > 0) await connection.run('DELETE FROM store.session_parts')
  if (rows > 0) await addToRepeats(connection, source)
  await connection.run(`UPDATE store.state SET folded = ${toSeq}`)
  return added
}

const PENDING_PARTS = '(SELECT count(*) FROM store.run_parts) + (SELECT count(*) FROM store.session_parts)'

async function counts(connection: DuckDBConnection, ...of: [string, string]): Promise<[number, number]> {
  const reader = await connection.runAndReadAll(`SELECT ${of.join(', ')}`)
  const [first, second] = reader.getRows()[0] ?? []
  return [Number(first), Number(second)]
}

/** Adds rows to the sums of their runs; with sign -1 takes them out again, before the workflow they name changes. */
export async function addToRuns(connection: DuckDBConnection, source: string, sign: 1 | -1): Promise<void> {
  await mergeOwners(connection, source, sign, {
    table: 'runs',
    parts: 'run_parts',
    id: 'run_id',
    facts: RUN_PART_COLUMNS.map((column) => column.name).filter((name) => name !== 'seq'),
    // A run that nobody started is of the workflow that the first call to name one names.
    caller: ', arg_min(workflow, seq) AS caller_workflow, min(seq) FILTER (workflow IS NOT NULL) AS caller_seq',
    // Of one call, what was summed last: the name it has now.
    merged: ', arg_min(caller_workflow, 2 * caller_seq + summed_before) AS caller_workflow, min(caller_seq) AS caller_seq',
  })
  await replaceOwners(connection, 'failed_runs', 'run_id', 'merged_owners WHERE success = FALSE')
}

/** Adds rows to the sums of their sessions; with sign -1 takes them out again, before their session or user changes. */
export async function addToSessions(connection: DuckDBConnection, source: string, sign: 1 | -1): Promise<void> {
  await mergeOwners(connection, source, sign, {
    table: 'sessions',
    parts: 'session_parts',
    id: 'session_id',
    facts: SESSION_PART_COLUMNS.map((column) => column.name).filter((name) => name !== 'seq'),
    // A session that nobody started is the user's who made the first call in it.
    caller: ', arg_min(user_id, seq) AS caller_user_id, min(seq) FILTER (user_id IS NOT NULL) AS caller_seq',
    merged: ', arg_min(caller_user_id, caller_seq) AS caller_user_id, min(caller_seq) AS caller_seq',
  })
}

interface Owner {
  readonly table: string
  readonly parts: string
  readonly id: string
  readonly facts: readonly string[]
  readonly caller: string
  readonly merged: string
}

const BOOLEANS: readonly string[] = ['success', 'start_given', 'end_given']

/**
 * One row per run or session: what its start and end say, and the sums of its calls. The rows touched are joined with what is new
 * and written again. A fact is said by one part only (the ledger takes no second start), so any aggregate of it is that one.
 */
async function mergeOwners(connection: DuckDBConnection, source: string, sign: 1 | -1, owner: Owner): Promise<void> {
  const { table, parts, id, facts } = owner
  const ownFacts = facts.filter((name) => name !== 'organization' && name !== id)
  const merged = ownFacts.map((name) => `${BOOLEANS.includes(name) ? 'bool_or' : 'max'}(${name}) AS ${name}`).join(', ')
  await connection.run(`CREATE OR REPLACE TEMP TABLE fresh_owners AS
    SELECT organization, ${id}, min(called_at) AS first_call_at, max(called_at) AS last_call_at ${owner.caller}, ${measuresOfCalls(sign)}
    FROM ${source} AND ${id} IS NOT NULL GROUP BY organization, ${id}
    UNION ALL BY NAME SELECT ${facts.join(', ')} FROM store.${parts}`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE merged_owners AS
    SELECT organization, ${id}, ${merged} ${owner.merged},
      min(first_call_at) AS first_call_at, max(last_call_at) AS last_call_at, ${measuresOfSums()}
    FROM (SELECT *, 0 AS summed_before FROM fresh_owners
      UNION ALL BY NAME SELECT old.*, 1 AS summed_before FROM store.${table} AS old SEMI JOIN fresh_owners USING (organization, ${id}))
    GROUP BY organization, ${id}`)
  await replaceOwners(connection, table, id, 'merged_owners')
}

/** Writes rows of `merged_owners` in place of what a table has of all that are in it. */
async function replaceOwners(connection: DuckDBConnection, table: string, id: string, rows: string): Promise<void> {
  await connection.run(`DELETE FROM store.${table} WHERE (organization, ${id}) IN (SELECT (organization, ${id}) FROM merged_owners)`)
  await connection.run(`INSERT INTO store.${table} BY NAME SELECT * FROM ${rows}`)
}
