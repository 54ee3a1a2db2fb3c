import { CALL_COLUMNS, type Column, REQUEST_HASH, RUN_PART_COLUMNS, SESSION_PART_COLUMNS, SUM_TYPE, sqlType } from './columns.ts'
import { REPEAT_CALL_COLUMNS } from './fold-repeats.ts'
import { MEASURE_NAMES, measureType } from './measure-columns.ts'
import { ROLLUP_TABLES } from './rollup/rollup.ts'

/** Raised with every change of tables or of what they mean: a file of another version is dropped and rebuilt from the journal. */
export const SCHEMA_VERSION = 10

const measureColumns = MEASURE_NAMES.map((name) => `${name} ${measureType(name)} NOT NULL`).join(', ')

function columnsOf(columns: readonly { readonly name: string; readonly kind: Column<unknown>['kind'] }[]): string {
  return columns.map((column) => `${column.name} ${sqlType(column.kind)}`).join(', ')
}

const runFacts = RUN_PART_COLUMNS.filter((column) => column.name !== 'seq')
const sessionFacts = SESSION_PART_COLUMNS.filter((column) => column.name !== 'seq')

/** Of `failed_runs` too, which holds the same rows of the runs that failed: few, and scattered over a table that would be read whole for them. */
const runColumns = `${columnsOf(runFacts)}, caller_workflow VARCHAR, caller_seq BIGINT, first_call_at BIGINT, last_call_at BIGINT, ${measureColumns}`

/** `fold_seq`: which fold made the row, 0 once it has been joined with the others of its period and value. */
const rollupColumns = `period VARCHAR, organization VARCHAR, start BIGINT, value VARCHAR, value2 VARCHAR, fold_seq BIGINT, ${measureColumns}`

/** Tables of the projection, by name. None has a key or an index: they cost memory, and rows are never looked up one by one. */
const TABLES: Readonly<Record<string, string>> = {
  calls: `${columnsOf(CALL_COLUMNS)}, ${REQUEST_HASH} BIGINT`,
  run_parts: columnsOf(RUN_PART_COLUMNS),
  session_parts: columnsOf(SESSION_PART_COLUMNS),
  runs: runColumns,
  failed_runs: runColumns,
  sessions: `${columnsOf(sessionFacts)}, caller_user_id VARCHAR, caller_seq BIGINT, first_call_at BIGINT, last_call_at BIGINT, ${measureColumns}`,
  ...Object.fromEntries(ROLLUP_TABLES.map((table) => [table, rollupColumns])),
  repeat_calls: REPEAT_CALL_COLUMNS,
  repeats: `${REQUEST_HASH} BIGINT, organization VARCHAR, fingerprint VARCHAR, model VARCHAR, agent VARCHAR, calls BIGINT,
    cost ${SUM_TYPE}, repeated_cost ${SUM_TYPE}, unpriced BIGINT, repeated_unpriced BIGINT, first_at BIGINT, last_at BIGINT, call_ids VARCHAR[]`,
}

/** Advice outlives a rebuild: it is not made from the journal by the projection, but by insights, which replace it. */
const ADVICE = `CREATE TABLE IF NOT EXISTS store.recommendations (
  organization VARCHAR, type VARCHAR, priority VARCHAR, subject VARCHAR, current_cost ${SUM_TYPE}, recommendation VARCHAR,
  potential_savings ${SUM_TYPE}, call_ids VARCHAR[], computed_at BIGINT)`

/** `watermark`: newest entry in `calls`. `folded`: newest entry in the tables made from `calls`. `last_entry`: tells another journal. */
const STATE = `CREATE OR REPLACE TABLE store.state (
  schema_version INTEGER, watermark BIGINT, folded BIGINT, last_entry VARCHAR)`

/** Makes every table anew, empty. Views of the old ones are made again by the caller. */
export function createTables(): string[] {
  return [
    'CREATE SCHEMA IF NOT EXISTS store',
    ...Object.entries(TABLES).map(([name, columns]) => `CREATE OR REPLACE TABLE store.${name} (${columns})`),
    ADVICE,
    STATE,
    `INSERT INTO store.state VALUES (${SCHEMA_VERSION}, 0, 0, '')`,
  ]
}
