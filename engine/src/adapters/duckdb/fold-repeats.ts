import type { DuckDBConnection } from '@duckdb/node-api'
import { REPEAT_CALL_IDS_MAX } from '../../calls/index.ts'
import { COST_TYPE, REQUEST_HASH } from './columns.ts'

/** What `repeatGroups` reads of `calls`. */
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
]
const TEXTS = ['organization', 'fingerprint', 'model', 'agent', 'call_id', 'run_id']

/** A copy of the rows of requests that occur again, few of all: what is asked of a stretch of time is summed from these. */
export const REPEAT_CALL_COLUMNS = REPEAT_CALL_NAMES.map(
  (name) => `${name} ${name === 'cost' ? COST_TYPE : TEXTS.includes(name) ? 'VARCHAR' : 'BIGINT'}`,
).join(', ')

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
  const rows = `(SELECT * FROM store.repeat_calls SEMI JOIN repeated_requests USING (${REQUEST_HASH}))`
  await connection.run(`INSERT INTO store.repeats BY NAME
    ${repeatGroups(rows, `${REQUEST_HASH}, `)}`)
}

/** Of a request that is known to occur again only the new rows are copied, in place of what they were; of one that is new, all. */
async function addToRepeatCalls(connection: DuckDBConnection, source: string): Promise<void> {
  const names = REPEAT_CALL_NAMES.join(', ')
  await connection.run(`DELETE FROM store.repeat_calls WHERE seq IN (SELECT seq FROM ${source})`)
  await connection.run(`CREATE OR REPLACE TEMP TABLE new_repeats AS
    SELECT ${REQUEST_HASH} FROM repeated_requests ANTI JOIN store.repeat_calls USING (${REQUEST_HASH})`)
  await connection.run(`INSERT INTO store.repeat_calls
    SELECT ${names} FROM (SELECT * FROM ${source}) SEMI JOIN repeated_requests USING (${REQUEST_HASH}) ANTI JOIN new_repeats USING (${REQUEST_HASH})
    UNION ALL SELECT ${names} FROM store.calls SEMI JOIN new_repeats USING (${REQUEST_HASH})`)
}

/**
 * Groups of repeated requests among some rows, with the cost of all but the first call of each, and how many calls no cost is known
 * of. Adjustments count with the call they correct.
 */
export function repeatGroups(rows: string, extraKey: string): string {
  return `SELECT ${extraKey} organization, fingerprint, model, agent, sum(calls)::BIGINT AS calls, sum(cost)::DECIMAL(38,12) AS cost,
      (sum(cost) - arg_min(cost, (called_at, call_seq)))::DECIMAL(38,12) AS repeated_cost,
      sum(unpriced)::BIGINT AS unpriced, (sum(unpriced) - arg_min(unpriced, (called_at, call_seq)))::BIGINT AS repeated_unpriced,
      min(called_at) AS first_at, max(called_at) AS last_at,
      list(call_id ORDER BY called_at, call_seq)[:${REPEAT_CALL_IDS_MAX}] AS call_ids
    FROM (SELECT ${extraKey} organization, fingerprint, model, agent, call_seq, call_id, min(called_at) AS called_at, sum(calls) AS calls,
        coalesce(sum(cost), 0) AS cost, sum(unpriced) AS unpriced
      FROM ${rows} GROUP BY ${extraKey} organization, fingerprint, model, agent, call_seq, call_id)
    GROUP BY ${extraKey} organization, fingerprint, model, agent HAVING sum(calls) > 1`
}
