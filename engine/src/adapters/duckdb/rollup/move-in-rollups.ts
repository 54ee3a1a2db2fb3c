import type { DuckDBConnection } from '@duckdb/node-api'
import { type CallRow, dimensionOf, type Measures, measuresOfRow, subtractMeasures, ZERO_MEASURES } from '../../../calls/index.ts'
import { appendRecords } from '../append.ts'
import type { Column } from '../columns.ts'
import { FAMILIES, LONG_PERIODS, PERIOD_MS, ROLLUP_TABLES, type RollupPeriod, TAG_TABLE } from './rollup.ts'

/** A row as it was and as it is now. */
export interface Moved {
  readonly before: CallRow
  readonly after: CallRow
}

/** Takes rows out of the rollup groups that they have left and puts them into those that they belong to now. */
export async function moveInRollups(connection: DuckDBConnection, moved: readonly Moved[]): Promise<void> {
  const deltas: RollupRow[] = []
  for (const { before, after } of moved) {
    const out = subtractMeasures(ZERO_MEASURES, measuresOfRow(before))
    const into = measuresOfRow(after)
    const left = groupsOf(before)
    const entered = groupsOf(after)
    for (const [key, group] of left) if (!entered.has(key)) deltas.push({ ...group, ...out })
    for (const [key, group] of entered) if (!left.has(key)) deltas.push({ ...group, ...into })
  }
  for (const table of ROLLUP_TABLES) {
    await appendRecords(
      connection,
      table,
      ROLLUP_COLUMNS,
      deltas.filter((delta) => delta.table === table),
    )
  }
}

interface Group {
  readonly table: string
  readonly period: RollupPeriod
  readonly organization: string
  readonly start: number
  readonly value: string | null
  readonly value2: string | null
  readonly foldSeq: number
}

type RollupRow = Group & Measures

/** What every family is kept by. */
const PERIODS = ['day', ...LONG_PERIODS] as const

/** The rollup groups that a row counts in, by a key. */
function groupsOf(row: CallRow): Map<string, Group> {
  const groups = new Map<string, Group>()
  const add = (table: string, value: string | null, value2: string | null, hourly: boolean): void => {
    for (const period of hourly ? (['hour', ...PERIODS] as const) : PERIODS) {
      const start = Math.floor(row.at / PERIOD_MS[period]) * PERIOD_MS[period]
      const group = { table, period, organization: row.organization, start, value, value2, foldSeq: row.seq }
      groups.set(JSON.stringify([table, period, value, value2]), group)
    }
  }
  for (const { table, dimensions, hourly } of FAMILIES) {
    const [value = null, value2 = null] = dimensions.map((dimension) => dimensionOf(row, dimension))
    add(table, value, value2, hourly)
  }
  for (const [name, value] of Object.entries(row.tags)) add(TAG_TABLE, value, name, false)
  return groups
}

/** In the order of the table's columns. */
const ROLLUP_COLUMNS: readonly Column<RollupRow>[] = [
  { name: 'period', field: 'period', kind: 'text' },
  { name: 'organization', field: 'organization', kind: 'text' },
  { name: 'start', field: 'start', kind: 'integer' },
  { name: 'value', field: 'value', kind: 'text' },
  { name: 'value2', field: 'value2', kind: 'text' },
  { name: 'fold_seq', field: 'foldSeq', kind: 'integer' },
  { name: 'calls', field: 'calls', kind: 'integer' },
  { name: 'failed', field: 'failed', kind: 'integer' },
  { name: 'unpriced', field: 'unpriced', kind: 'integer' },
  { name: 'uncertain', field: 'uncertain', kind: 'integer' },
  { name: 'unmetered', field: 'unmetered', kind: 'integer' },
  { name: 'input_tokens', field: 'inputTokens', kind: 'integer' },
  { name: 'cache_read_tokens', field: 'cacheReadTokens', kind: 'integer' },
  { name: 'cache_write_tokens', field: 'cacheWriteTokens', kind: 'integer' },
  { name: 'output_tokens', field: 'outputTokens', kind: 'integer' },
  { name: 'reasoning_tokens', field: 'reasoningTokens', kind: 'integer' },
  { name: 'cost', field: 'cost', kind: 'sum' },
  { name: 'latency_ms', field: 'latencyMs', kind: 'integer' },
  { name: 'latency_calls', field: 'latencyCalls', kind: 'integer' },
]
