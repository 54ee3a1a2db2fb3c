import { CALL_COLUMNS, type Column, REQUEST_HASH, RUN_PART_COLUMNS, SESSION_PART_COLUMNS, SUM_TYPE, sqlType } from './columns.ts'

/** Raised with every change of tables or of what they mean: a file of another version is dropped and rebuilt from the journal. */
export const SCHEMA_VERSION = 1

/**
 * The sums of `Measures`, in its order: column, and the expression over rows of `calls`. The same expressions make rollups and answer
 * from raw rows, which is why both give the same numbers.
 */
export const MEASURES = [
  ['calls', 'sum(calls)'],
  ['failed', 'sum(CASE WHEN success THEN 0 ELSE calls END)'],
  ['unpriced', 'sum(unpriced)'],
  ['uncertain', 'sum(uncertain)'],
  ['input_tokens', 'sum(input_tokens)'],
  ['cache_read_tokens', 'sum(cache_read_tokens)'],
  ['cache_write_tokens', 'sum(cache_write_tokens)'],
  ['output_tokens', 'sum(output_tokens)'],
  ['reasoning_tokens', 'sum(reasoning_tokens)'],
  ['cost', 'sum(cost)'],
  ['latency_ms', 'sum(latency_ms)'],
  ['latency_calls', 'count(latency_ms)'],
] as const

export const MEASURE_NAMES: readonly string[] = MEASURES.map(([name]) => name)

/** `sum(calls)::BIGINT AS calls, …` over rows of `calls`, each multiplied by `sign`. */
export function measuresOfCalls(sign: 1 | -1 = 1): string {
  const factor = sign === 1 ? '' : '-'
  return MEASURES.map(([name, sql]) => `${factor}coalesce(${sql}, 0)::${measureType(name)} AS ${name}`).join(', ')
}

/** The same sums over rows that are sums already. */
export function measuresOfSums(alias = ''): string {
  const prefix = alias === '' ? '' : `${alias}.`
  return MEASURE_NAMES.map((name) => `coalesce(sum(${prefix}${name}), 0)::${measureType(name)} AS ${name}`).join(', ')
}

function measureType(name: string): string {
  return name === 'cost' ? SUM_TYPE : 'BIGINT'
}

const measureColumns = MEASURE_NAMES.map((name) => `${name} ${measureType(name)} NOT NULL`).join(', ')

function columnsOf(columns: readonly { readonly name: string; readonly kind: Column<unknown>['kind'] }[]): string {
  return columns.map((column) => `${column.name} ${sqlType(column.kind)}`).join(', ')
}

const runFacts = RUN_PART_COLUMNS.filter((column) => column.name !== 'seq')
const sessionFacts = SESSION_PART_COLUMNS.filter((column) => column.name !== 'seq')

/** Tables of the projection, by name. None has a key or an index: they cost memory, and rows are never looked up one by one. */
export const TABLES: Readonly<Record<string, string>> = {
  calls: `${columnsOf(CALL_COLUMNS)}, ${REQUEST_HASH} BIGINT`,
  run_parts: columnsOf(RUN_PART_COLUMNS),
  session_parts: columnsOf(SESSION_PART_COLUMNS),
  runs: `${columnsOf(runFacts)}, first_call_at BIGINT, last_call_at BIGINT, ${measureColumns}`,
  sessions: `${columnsOf(sessionFacts)}, caller_user_id VARCHAR, caller_seq BIGINT, first_call_at BIGINT, last_call_at BIGINT, ${measureColumns}`,
  rollup: `period VARCHAR, family VARCHAR, organization VARCHAR, start BIGINT, value VARCHAR, value2 VARCHAR, ${measureColumns}`,
  repeats: `${REQUEST_HASH} BIGINT, organization VARCHAR, fingerprint VARCHAR, model VARCHAR, agent VARCHAR, calls BIGINT,
    cost ${SUM_TYPE}, repeated_cost ${SUM_TYPE}, first_at BIGINT, last_at BIGINT`,
}

/** Advice outlives a rebuild: it is not made from the journal by the projection, but by insights, which replace it. */
const ADVICE = `CREATE TABLE IF NOT EXISTS store.recommendations (
  organization VARCHAR, type VARCHAR, priority VARCHAR, subject VARCHAR, current_cost ${SUM_TYPE}, recommendation VARCHAR,
  potential_savings ${SUM_TYPE}, call_ids VARCHAR[], computed_at BIGINT)`

/** `watermark`: newest entry in `calls`. `folded`: newest entry in the tables made from `calls`. `last_entry`: tells another journal. */
const STATE = `CREATE OR REPLACE TABLE store.state (
  schema_version INTEGER, watermark BIGINT, folded BIGINT, last_entry VARCHAR, rollup_compacted BIGINT)`

/** Makes every table anew, empty. Views of the old ones are made again by the caller. */
export function createTables(): string[] {
  return [
    'CREATE SCHEMA IF NOT EXISTS store',
    ...Object.entries(TABLES).map(([name, columns]) => `CREATE OR REPLACE TABLE store.${name} (${columns})`),
    ADVICE,
    STATE,
    `INSERT INTO store.state VALUES (${SCHEMA_VERSION}, 0, 0, '', 0)`,
  ]
}
