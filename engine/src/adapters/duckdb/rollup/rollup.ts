import type { DuckDBConnection } from '@duckdb/node-api'
import type { Dimension, Filter, FixedDimension } from '../../../calls/index.ts'
import { MEASURE_NAMES, measuresOfCalls, measuresOfSums } from '../measure-columns.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/**
 * The periods that sums are kept for, in UTC and counted from 1970. A long range is answered from the long ones and only its ends from
 * the shorter, so that a question about ninety days reads a dozen rows of a value and not ninety.
 */
export const PERIOD_MS = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS, four_weeks: 28 * DAY_MS } as const
export type RollupPeriod = keyof typeof PERIOD_MS
/** Longest first; every family has them. Their sums are those of days, summed again. */
export const LONG_PERIODS = ['four_weeks', 'week'] as const satisfies readonly RollupPeriod[]

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

/**
 * Dimensions whose sums are kept by day and longer periods, each in a table of its own, and whether they are kept by hour too: only where many calls share
 * an hour and a value do hourly sums save anything over the raw rows. The pair is for "which models does an agent use".
 */
export interface RollupFamily {
  readonly table: string
  readonly dimensions: readonly FixedDimension[]
  readonly hourly: boolean
}

const SINGLE = ['agent', 'model', 'seller', 'user', 'team', 'project', 'cost_center', 'workflow', 'action', 'key', 'source'] as const
const HOURLY: readonly string[] = ['agent', 'model', 'seller', 'source']

export const FAMILIES: readonly RollupFamily[] = [
  { table: 'rollup_all', dimensions: [], hourly: true },
  { table: 'rollup_agent_model', dimensions: ['agent', 'model'], hourly: false },
  ...SINGLE.map((name) => ({ table: `rollup_${name}`, dimensions: [name], hourly: HOURLY.includes(name) })),
]

/** Sums of the calls that have a tag: `value` is the tag's value and `value2` its name. */
export const TAG_TABLE = 'rollup_tag'
export const ROLLUP_TABLES: readonly string[] = [...FAMILIES.map((family) => family.table), TAG_TABLE]

/** Rollup rows that can answer a question, and the columns its dimensions are in. */
export interface Answering {
  readonly table: string
  readonly columns: ReadonlyMap<Dimension, 'value' | 'value2'>
  readonly hourly: boolean
  /** The name of the tag; its rows hold only the calls that have it. */
  readonly tag?: string
}

/** The rollup that holds all that a question groups and filters by, or null: then only raw rows can answer it. */
export function rollupFor(groupBy: readonly Dimension[], where: readonly Filter[]): Answering | null {
  const asked = new Set([...groupBy, ...where.map((filter) => filter.dimension)])
  asked.delete('organization')
  const [first] = asked
  if (asked.size === 1 && first?.startsWith('tag:')) return tagRollup(first, where)
  const family = FAMILIES.find(({ dimensions }) => dimensions.length === asked.size && dimensions.every((name) => asked.has(name)))
  if (family === undefined) return null
  const columns = new Map(family.dimensions.map((name, index) => [name, index === 0 ? 'value' : 'value2'] as const))
  return { table: family.table, columns, hourly: family.hourly }
}

function tagRollup(dimension: Dimension, where: readonly Filter[]): Answering | null {
  // Calls without the tag have no rows here: asking for exactly those takes raw rows.
  if (where.some((filter) => filter.dimension === dimension && filter.in.includes(null))) return null
  return { table: TAG_TABLE, columns: new Map([[dimension, 'value']]), hourly: false, tag: dimension.slice('tag:'.length) }
}

/** A family at one period: what one grouping set makes. */
interface GroupingSet {
  readonly family: RollupFamily
  readonly period: 'hour' | 'day'
  readonly columns: readonly string[]
}

const SETS: readonly GroupingSet[] = FAMILIES.flatMap((family) => {
  const columns = family.dimensions.map((name) => DIMENSION_COLUMNS[name])
  const daily = { family, period: 'day', columns: ['day', ...columns] } as const
  return family.hourly ? [daily, { family, period: 'hour', columns: ['hour', ...columns] } as const] : [daily]
})
const COLUMNS = ['hour', 'day', ...SINGLE.map((name) => DIMENSION_COLUMNS[name])]

/** `grouping(…)` has a bit for every column that a set does not group by, the first column's bit the highest. */
function groupingOf(set: GroupingSet): number {
  return COLUMNS.reduce((bits, column) => bits * 2 + (set.columns.includes(column) ? 0 : 1), 0)
}

function bySet(choose: (set: GroupingSet) => string): string {
  return `CASE grouping_bits ${SETS.map((set) => `WHEN ${groupingOf(set)} THEN ${choose(set)}`).join(' ')} END`
}

/** Adds the sums of some rows of `calls` to the rollups, all of them grouped in one pass. Returns how many rollup rows that made. */
export async function addToRollups(connection: DuckDBConnection, source: string, foldSeq: number): Promise<number> {
  const periods = `called_at // ${HOUR_MS} * ${HOUR_MS} AS hour, called_at // ${DAY_MS} * ${DAY_MS} AS day`
  const sets = SETS.map((set) => `(${['organization', ...set.columns].join(', ')})`).join(', ')
  await connection.run(`CREATE OR REPLACE TEMP TABLE fresh_sums AS
    SELECT ${bySet((set) => `'${set.family.table}'`)} AS family, ${bySet((set) => `'${set.period}'`)} AS period, organization,
      coalesce(hour, day) AS start, ${bySet((set) => set.columns[1] ?? 'NULL')} AS value, ${bySet((set) => set.columns[2] ?? 'NULL')} AS value2,
      ${MEASURE_NAMES.join(', ')}
    FROM (SELECT organization, ${COLUMNS.join(', ')}, grouping(${COLUMNS.join(', ')}) AS grouping_bits, ${measuresOfCalls()}
      FROM (SELECT *, ${periods} FROM ${source}) GROUP BY GROUPING SETS (${sets}))
    UNION ALL SELECT '${TAG_TABLE}', 'day', organization, day, tag.value, tag.key, ${measuresOfCalls()}
    FROM (SELECT *, ${periods}, unnest(map_entries(tags)) AS tag FROM ${source} AND tags IS NOT NULL) GROUP BY organization, day, tag.value, tag.key`)
  for (const table of ROLLUP_TABLES) await connection.run(`INSERT INTO store.${table} ${freshRows(table, foldSeq)}`)
  const reader = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM fresh_sums')
  return Number(reader.getRows()[0]?.[0])
}

/** The new sums of a table, and those of its long periods made of them. */
function freshRows(table: string, foldSeq: number): string {
  const from = `FROM fresh_sums WHERE family = '${table}'`
  const long = LONG_PERIODS.map((period) => {
    const size = PERIOD_MS[period]
    return `SELECT '${period}', organization, start // ${size} * ${size} AS long_start, value, value2, ${foldSeq}, ${measuresOfSums()}
      ${from} AND period = 'day' GROUP BY organization, long_start, value, value2`
  })
  return [`SELECT period, organization, start, value, value2, ${foldSeq}, ${MEASURE_NAMES.join(', ')} ${from}`, ...long].join(' UNION ALL ')
}

/** A group that has nothing left in it: its rows were attributed to another group by a run or session that came late. */
export const NOT_EMPTY = '(calls <> 0 OR cost <> 0 OR unpriced <> 0 OR uncertain <> 0 OR unmetered <> 0 OR failed <> 0)'
