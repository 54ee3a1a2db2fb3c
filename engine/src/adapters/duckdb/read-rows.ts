import type { DuckDBValue } from '@duckdb/node-api'
import type { CallRow, Measures, RunPart, RunRow } from '../../calls/index.ts'
import { CALL_COLUMNS, type Column, fromDuck, picosOf, RUN_PART_COLUMNS } from './columns.ts'
import { MEASURE_NAMES } from './measure-columns.ts'

/** What `callRowOf` reads, in its order. */
export const CALL_SELECT = CALL_COLUMNS.map((column) => column.name).join(', ')

export function callRowOf(row: readonly DuckDBValue[]): CallRow {
  return recordOf(CALL_COLUMNS, row) as unknown as CallRow
}

/** What `measuresOf` reads, in its order. */
export const MEASURE_SELECT = MEASURE_NAMES.join(', ')

export function measuresOf(row: readonly DuckDBValue[], start: number): Measures {
  const count = (index: number): number => Number(row[start + index] ?? 0)
  return {
    calls: count(0),
    failed: count(1),
    unpriced: count(2),
    uncertain: count(3),
    unmetered: count(4),
    inputTokens: count(5),
    cacheReadTokens: count(6),
    cacheWriteTokens: count(7),
    outputTokens: count(8),
    reasoningTokens: count(9),
    cost: picosOf(row[start + 10] ?? null),
    latencyMs: count(11),
    latencyCalls: count(12),
  }
}

const RUN_FACTS: readonly Column<Pick<RunRow, 'durationKnown'> & Omit<RunPart, 'seq' | 'startGiven' | 'endGiven'>>[] = [
  ...RUN_PART_COLUMNS.filter(isFact),
  { name: 'duration_known', field: 'durationKnown', kind: 'boolean' },
]

function isFact(column: Column<RunPart>): column is Column<Omit<RunPart, 'seq' | 'startGiven' | 'endGiven'>> {
  return column.name !== 'seq' && !column.name.endsWith('_given')
}

/** Columns of `runs` that say what a run is. */
export const RUN_FACT_NAMES: readonly string[] = RUN_FACTS.map((column) => column.name)

/** Reads `RUN_FACT_NAMES`, first and last call, measures. */
export function runRowOf(row: readonly DuckDBValue[]): RunRow {
  const facts = recordOf(RUN_FACTS, row) as unknown as Omit<RunRow, keyof Measures | 'firstCallAt' | 'lastCallAt'>
  const at = RUN_FACTS.length
  return { ...facts, firstCallAt: timeOf(row[at]), lastCallAt: timeOf(row[at + 1]), ...measuresOf(row, at + 2) }
}

/** Columns of `sessions` that say what a session is. */
export const SESSION_FACT_NAMES: readonly string[] = ['organization', 'session_id', 'user_id', 'started_at', 'ended_at', 'duration_known']

export function textOf(value: DuckDBValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

function timeOf(value: DuckDBValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value)
}

function recordOf<T>(columns: readonly Column<T>[], row: readonly DuckDBValue[]): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  columns.forEach((column, index) => {
    record[column.field] = fromDuck(column.kind, row[index] ?? null)
  })
  return record
}
