import type { DuckDBConnection } from '@duckdb/node-api'
import type { Dimension, Filter, FixedDimension } from '../../calls/index.ts'
import { MEASURE_NAMES, measuresOfCalls, measuresOfSums } from './schema.ts'

/** Dimensions with hourly and daily sums of their own. The pair is for "which models does an agent use". */
const ROLLED_UP = ['agent', 'model', 'seller', 'user', 'team', 'project', 'cost_center', 'workflow', 'action', 'key', 'source'] as const

export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** Columns of `calls` that the fixed dimensions read. */
export const DIMENSION_COLUMNS: Readonly<Record<FixedDimension, string>> = {
  organization: 'organization',
  agent: 'agent',
  model: 'model',
  seller: 'seller',
  workflow: 'workflow',
  run: 'run_id',
  session: 'session_id',
  user: 'user_id',
  team: 'team',
  project: 'project',
  cost_center: 'cost_center',
  action: 'action',
  key: 'key_id',
  source: 'source',
  status: 'status',
  error: 'error_code',
}

/** A set of rollup rows that can answer a question, and the columns its dimensions are in. */
export interface Family {
  readonly name: string
  readonly columns: ReadonlyMap<Dimension, string>
  /** A tag's rows are daily only, and hold only the calls that have the tag. */
  readonly tag?: string
}

const ALL: Family = { name: 'all', columns: new Map() }
const PAIR: Family = {
  name: 'agent+model',
  columns: new Map<Dimension, string>([
    ['agent', 'value'],
    ['model', 'value2'],
  ]),
}

/** The family that holds all that a question groups and filters by, or null: then only raw rows can answer it. */
export function familyFor(groupBy: readonly Dimension[], where: readonly Filter[]): Family | null {
  const asked = new Set([...groupBy, ...where.map((filter) => filter.dimension)])
  asked.delete('organization')
  const [only] = asked
  if (only === undefined) return ALL
  if (asked.size === 2 && asked.has('agent') && asked.has('model')) return PAIR
  if (asked.size > 1) return null
  if (only.startsWith('tag:')) return tagFamily(only, where)
  return ROLLED_UP.some((name) => name === only) ? { name: only, columns: new Map([[only, 'value']]) } : null
}

function tagFamily(dimension: Dimension, where: readonly Filter[]): Family | null {
  // Calls without the tag have no rows here: asking for exactly those takes raw rows.
  if (where.some((filter) => filter.dimension === dimension && filter.in.includes(null))) return null
  return { name: 'tag', columns: new Map([[dimension, 'value']]), tag: dimension.slice('tag:'.length) }
}

const COLUMNS = ROLLED_UP.map((name) => DIMENSION_COLUMNS[name])
const SETS = [
  { name: ALL.name, columns: [] },
  { name: PAIR.name, columns: ['agent', 'model'] },
  ...ROLLED_UP.map((name) => ({ name, columns: [DIMENSION_COLUMNS[name]] })),
] as const satisfies readonly { readonly name: string; readonly columns: readonly string[] }[]

/** `grouping(…)` has a bit for every column that a set does not group by, the first column's bit the highest. */
function groupingOf(columns: readonly string[]): number {
  return COLUMNS.reduce((bits, column) => bits * 2 + (columns.includes(column) ? 0 : 1), 0)
}

function byGrouping(choose: (set: (typeof SETS)[number]) => string): string {
  return `CASE grouping_bits ${SETS.map((set) => `WHEN ${groupingOf(set.columns)} THEN ${choose(set)}`).join(' ')} END`
}

/** The families and what they group by, for one who counts rows by hand. Tags come on top. */
export const ROLLUP_FAMILIES: readonly { readonly name: string; readonly dimensions: readonly Dimension[] }[] = [
  { name: ALL.name, dimensions: [] },
  { name: PAIR.name, dimensions: ['agent', 'model'] },
  ...ROLLED_UP.map((name) => ({ name, dimensions: [name] })),
]

/** Adds the sums of some rows of `calls` to the rollups. All families are grouped in one pass. */
export async function addToRollups(connection: DuckDBConnection, source: string): Promise<void> {
  const hour = `called_at // ${HOUR_MS} * ${HOUR_MS}`
  const names = MEASURE_NAMES.join(', ')
  const sets = SETS.map((set) => `(${['organization', 'start', ...set.columns].join(', ')})`).join(', ')
  await connection.run(`CREATE OR REPLACE TEMP TABLE fresh_hours AS
    SELECT ${byGrouping(({ name }) => `'${name}'`)} AS family, organization, start, ${byGrouping(({ columns: [first] }) => first ?? 'NULL')} AS value,
      ${byGrouping(({ columns: [, second] }) => second ?? 'NULL')} AS value2, ${names}
    FROM (SELECT organization, ${hour} AS start, ${COLUMNS.join(', ')}, grouping(${COLUMNS.join(', ')}) AS grouping_bits, ${measuresOfCalls()}
      FROM ${source} GROUP BY GROUPING SETS (${sets}))
    UNION ALL
    SELECT 'tag', organization, ${hour} AS start, tag.value, tag.key, ${measuresOfCalls()}
    FROM (SELECT *, unnest(map_entries(tags)) AS tag FROM ${source} AND tags IS NOT NULL) GROUP BY organization, start, tag.value, tag.key`)
  await connection.run(`INSERT INTO store.rollup
    SELECT 'hour', family, organization, start, value, value2, ${names} FROM fresh_hours WHERE family <> 'tag'`)
  await connection.run(`INSERT INTO store.rollup
    SELECT 'day', family, organization, start // ${DAY_MS} * ${DAY_MS}, value, value2, ${measuresOfSums()}
    FROM fresh_hours GROUP BY family, organization, start // ${DAY_MS} * ${DAY_MS}, value, value2`)
}

/** A group that has nothing left in it: its rows were attributed to another group by a run or session that came late. */
export const NOT_EMPTY = '(calls <> 0 OR cost <> 0 OR unpriced <> 0 OR uncertain <> 0 OR failed <> 0)'

const COMPACT_ROWS_MIN = 200_000

/** Joins the rollup rows of one hour and value that single folds have left, once there is enough to join that it pays. */
export async function compactRollups(connection: DuckDBConnection, force = false): Promise<boolean> {
  const reader = await connection.runAndReadAll(
    'SELECT (SELECT count(*) FROM store.rollup)::DOUBLE, (SELECT rollup_compacted FROM store.state)::DOUBLE',
  )
  const [rows = 0, compacted = 0] = (reader.getRows()[0] ?? []).map(Number)
  if (!force && rows < compacted * 1.5 + COMPACT_ROWS_MIN) return false
  await connection.run(`CREATE OR REPLACE TABLE store.rollup_compacted AS
    SELECT * FROM (SELECT period, family, organization, start, value, value2, ${measuresOfSums()} FROM store.rollup GROUP BY 1, 2, 3, 4, 5, 6)
    WHERE ${NOT_EMPTY} ORDER BY period, family, value2, organization, start, value`)
  await connection.run('DROP TABLE store.rollup')
  await connection.run('ALTER TABLE store.rollup_compacted RENAME TO rollup')
  await connection.run('UPDATE store.state SET rollup_compacted = (SELECT count(*) FROM store.rollup)')
  return true
}
