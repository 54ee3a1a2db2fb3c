import type { DuckDBConnection } from '@duckdb/node-api'
import { REPEAT_CALL_IDS_MAX } from '../../calls/index.ts'
import type { Millis } from '../../kernel/index.ts'
import { COST_TYPE, REQUEST_HASH } from './columns.ts'
import { timeConditions } from './conditions.ts'

/** What is copied of `calls`. */
export const REPEAT_CALL_NAMES = [
  'seq',
  REQUEST_HASH,
  'organization',
  'fingerprint',
  'model',
  'agent',
  'call_seq',
  'call_id',
  'run_id',
  'called_at',
  'calls',
  'cost',
  'unpriced',
  'success',
]
const TEXTS = ['organization', 'fingerprint', 'model', 'agent', 'call_id', 'run_id']

/** Of a row, when the call before it in its group was made; null for the first call of a group. */
const PREVIOUS_AT = 'previous_at'

/**
 * A copy of the rows of requests that occur again, few of all: what is asked of a stretch of time is summed from these. As each knows the call
 * before it, those that repeat one in a stretch of time are found without grouping them: the one before lies in it as well.
 */
export const REPEAT_CALL_COLUMNS = [...REPEAT_CALL_NAMES, PREVIOUS_AT].map((name) => `${name} ${typeOf(name)}`).join(', ')

function typeOf(name: string): string {
  if (name === 'cost') return COST_TYPE
  if (name === 'success') return 'BOOLEAN'
  return TEXTS.includes(name) ? 'VARCHAR' : 'BIGINT'
}

/**
 * Keeps one row for every request that an agent made more than once of the same model, and the rows it is made of. The requests among
 * the new rows are looked for in all rows by their hash alone (8 bytes a row); only what occurs again for the first time is read whole.
 */
export async function addToRepeats(connection: DuckDBConnection, source: string): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE fresh_requests AS
    SELECT DISTINCT ${REQUEST_HASH} FROM ${source} AND ${REQUEST_HASH} IS NOT NULL`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE repeated_requests AS
    SELECT ${REQUEST_HASH} FROM store.calls SEMI JOIN fresh_requests USING (${REQUEST_HASH})
    GROUP BY ${REQUEST_HASH} HAVING sum(calls) > 1`)
  const reader = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM repeated_requests')
  if (reader.getRows()[0]?.[0] === 0) return
  await addToRepeatCalls(connection, source)
  await connection.run(`DELETE FROM store.repeats WHERE ${REQUEST_HASH} IN (SELECT ${REQUEST_HASH} FROM repeated_requests)`)
  await connection.run(
    `INSERT INTO store.repeats BY NAME ${repeatGroups('linked_calls', IS_REPETITION, { extraKey: `${REQUEST_HASH}, ` })}`,
  )
}

/**
 * Of a request that is known to occur again only the new rows are copied, in place of what they were; of one that is new, all. Rows that
 * were there are written only where another call has come before them. `linked_calls` holds all rows of the requests then.
 */
async function addToRepeatCalls(connection: DuckDBConnection, source: string): Promise<void> {
  const names = REPEAT_CALL_NAMES.join(', ')
  const ofRepeated = `SEMI JOIN repeated_requests USING (${REQUEST_HASH})`
  await connection.run(`DELETE FROM store.repeat_calls WHERE seq IN (SELECT seq FROM ${source})`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE new_repeats AS
    SELECT ${REQUEST_HASH} FROM repeated_requests ANTI JOIN store.repeat_calls USING (${REQUEST_HASH})`)
  const rows = `SELECT ${names}, TRUE AS is_new, NULL AS linked_at FROM (SELECT * FROM ${source}) ${ofRepeated} ANTI JOIN new_repeats USING (${REQUEST_HASH})
    UNION ALL SELECT ${names}, TRUE, NULL FROM store.calls SEMI JOIN new_repeats USING (${REQUEST_HASH})
    UNION ALL SELECT ${names}, FALSE, ${PREVIOUS_AT} FROM store.repeat_calls ${ofRepeated}`
  await connection.run(`CREATE OR REPLACE TEMP TABLE linked_calls AS ${linked(`(${rows})`)}`)
  await connection.run(`INSERT INTO store.repeat_calls SELECT ${names}, ${PREVIOUS_AT} FROM linked_calls WHERE is_new`)
  await connection.run(`UPDATE store.repeat_calls SET ${PREVIOUS_AT} = moved.${PREVIOUS_AT} FROM (
      SELECT seq, ${PREVIOUS_AT} FROM linked_calls WHERE NOT is_new AND ${PREVIOUS_AT} IS DISTINCT FROM linked_at
    ) AS moved WHERE repeat_calls.seq = moved.seq`)
}

const GROUP = 'organization, fingerprint, model, agent'

/** Rows with what each knows of the call before it. Peers in this order are a call and its adjustments, which stand for the call they correct. */
export function linked(rows: string): string {
  return `SELECT *, first_value(called_at) OVER (PARTITION BY ${REQUEST_HASH}, ${GROUP} ORDER BY called_at, call_seq
    GROUPS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS ${PREVIOUS_AT} FROM ${rows}`
}

/** Of a linked row: that its call is not the first of its group. */
export const IS_REPETITION = `${PREVIOUS_AT} IS NOT NULL`

/** The same within a stretch of time that begins at `from`, of a row in it. */
export function repeatsSince(from: Millis | undefined): string {
  return from === undefined ? IS_REPETITION : timeConditions(PREVIOUS_AT, from, undefined).join(' AND ')
}

/**
 * Groups of repeated requests among linked rows, with the cost of all but the first call of each, and how many calls no cost is known
 * of. Adjustments count with the call they correct. `more`: other columns of a group.
 */
export function repeatGroups(
  rows: string,
  isRepetition: string,
  { extraKey = '', more = [], callIdsMax = REPEAT_CALL_IDS_MAX }: RepeatColumns = {},
): string {
  const columns = [
    `${extraKey}${GROUP}`,
    'sum(calls)::BIGINT AS calls',
    'coalesce(sum(cost), 0)::DECIMAL(38,12) AS cost',
    `coalesce(sum(cost) FILTER (${isRepetition}), 0)::DECIMAL(38,12) AS repeated_cost`,
    'sum(unpriced)::BIGINT AS unpriced',
    `coalesce(sum(unpriced) FILTER (${isRepetition}), 0)::BIGINT AS repeated_unpriced`,
    'min(called_at) AS first_at, max(called_at) AS last_at',
    `list(call_id ORDER BY called_at, call_seq) FILTER (calls = 1)[:${callIdsMax}] AS call_ids`,
    ...more,
  ]
  return `SELECT ${columns.join(', ')} FROM ${rows} GROUP BY ${extraKey}${GROUP} HAVING sum(calls) > 1`
}

interface RepeatColumns {
  readonly extraKey?: string
  readonly more?: readonly string[]
  readonly callIdsMax?: number
}
