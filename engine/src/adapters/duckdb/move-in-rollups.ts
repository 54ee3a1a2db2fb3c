import type { DuckDBConnection } from '@duckdb/node-api'
import { type CallRow, dimensionOf, type Measures, measuresOfRow, subtractMeasures, ZERO_MEASURES } from '../../calls/index.ts'
import { appendRecords } from './append.ts'
import type { Column } from './columns.ts'
import { DAY_MS, HOUR_MS, ROLLUP_FAMILIES } from './rollup.ts'

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
  await appendRecords(connection, 'rollup', ROLLUP_COLUMNS, deltas)
}

interface Group {
  readonly period: 'hour' | 'day'
  readonly family: string
  readonly organization: string
  readonly start: number
  readonly value: string | null
  readonly value2: string | null
}

type RollupRow = Group & Measures

/** The rollup groups that a row counts in, by a key. */
function groupsOf(row: CallRow): Map<string, Group> {
  const values: [string, string | null, string | null][] = ROLLUP_FAMILIES.map(({ name, dimensions: [first, second] }) => [
    name,
    first === undefined ? null : dimensionOf(row, first),
    second === undefined ? null : dimensionOf(row, second),
  ])
  for (const [name, value] of Object.entries(row.tags)) values.push(['tag', value, name])
  const groups = new Map<string, Group>()
  for (const [family, value, value2] of values) {
    for (const [period, size] of [
      ['hour', HOUR_MS],
      ['day', DAY_MS],
    ] as const) {
      if (family === 'tag' && period === 'hour') continue
      const start = Math.floor(row.at / size) * size
      groups.set(JSON.stringify([period, family, value, value2]), { period, family, organization: row.organization, start, value, value2 })
    }
  }
  return groups
}

/** In the order of the table's columns. */
const ROLLUP_COLUMNS: readonly Column<RollupRow>[] = [
  { name: 'period', field: 'period', kind: 'text' },
  { name: 'family', field: 'family', kind: 'text' },
  { name: 'organization', field: 'organization', kind: 'text' },
  { name: 'start', field: 'start', kind: 'integer' },
  { name: 'value', field: 'value', kind: 'text' },
  { name: 'value2', field: 'value2', kind: 'text' },
  { name: 'calls', field: 'calls', kind: 'integer' },
  { name: 'failed', field: 'failed', kind: 'integer' },
  { name: 'unpriced', field: 'unpriced', kind: 'integer' },
  { name: 'uncertain', field: 'uncertain', kind: 'integer' },
  { name: 'input_tokens', field: 'inputTokens', kind: 'integer' },
  { name: 'cache_read_tokens', field: 'cacheReadTokens', kind: 'integer' },
  { name: 'cache_write_tokens', field: 'cacheWriteTokens', kind: 'integer' },
  { name: 'output_tokens', field: 'outputTokens', kind: 'integer' },
  { name: 'reasoning_tokens', field: 'reasoningTokens', kind: 'integer' },
  { name: 'cost', field: 'cost', kind: 'sum' },
  { name: 'latency_ms', field: 'latencyMs', kind: 'integer' },
  { name: 'latency_calls', field: 'latencyCalls', kind: 'integer' },
]
