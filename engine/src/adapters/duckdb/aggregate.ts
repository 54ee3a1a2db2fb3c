import { BIGINT, type DuckDBConnection, LIST, listValue } from '@duckdb/node-api'
import type { AggregateQuery, Dimension, OrganizationScope } from '../../calls/index.ts'
import type { Millis } from '../../kernel/index.ts'
import { rowsAsText } from './as-text/rows-as-text.ts'
import {
  type Bindings,
  bind,
  bindings,
  callConditions,
  callDimension,
  filterCondition,
  scopeCondition,
  timeConditions,
} from './conditions.ts'
import { MEASURE_NAMES, MEASURES_AS_TEXT, measuresOfCalls, measuresOfSums } from './measure-columns.ts'
import { type Buckets, bucketsOf, bucketTable, rollupPeriodFor } from './rollup/buckets.ts'
import { type Answering, DAY_MS, HOUR_MS, LONG_PERIODS, NOT_EMPTY, PERIOD_MS, type RollupPeriod, rollupFor } from './rollup/rollup.ts'

/**
 * Sums of calls by any dimensions and periods. Whole days and hours come from rollups where a family holds all that is asked for; the
 * rest of the range, and what is not folded yet, from raw rows. `rollups` false reads raw rows only: the same answer, slower.
 * As a text, which `aggregateRows` reads.
 */
export async function aggregateText(connection: DuckDBConnection, query: AggregateQuery, rollups = true): Promise<string> {
  const extent = await extentOf(connection, query)
  const buckets = query.bucket === undefined ? null : await dataBuckets(connection, query, query.bucket, extent)
  if (buckets !== null && buckets.starts.length === 0) return '[]'
  const rollup = rollups ? usableRollup(query, buckets) : null
  const to = bindings()
  const pieces = rollup === null ? [rawPiece(to, query, buckets, {})] : mixedPieces(to, query, buckets, rollup, extent)
  const columns = [...query.groupBy.map((_, index) => `k${index}`), 'bucket_start', MEASURES_AS_TEXT]
  return await rowsAsText(connection, { columns, ...statement(to, query, buckets, pieces) }, to)
}

/** How far the tables made from `calls` go. */
interface Extent {
  /** The newest entry that is in them, and whether no newer one is in `calls`. */
  readonly folded: number
  readonly isAll: boolean
  /** The hours of the scope's first and last folded call; null: there is none, or the question needs not know. */
  readonly hours: { readonly first: Millis; readonly end: Millis } | null
}

async function extentOf(connection: DuckDBConnection, { scope, from, to: until, bucket }: AggregateQuery): Promise<Extent> {
  const to = bindings()
  const isBounded = from !== undefined || until !== undefined || bucket !== undefined
  const hours = `SELECT min(start), max(start) + ${HOUR_MS} FROM store.rollup_all WHERE period = 'hour' AND ${scopeCondition(to, scope)}`
  const reader = isBounded
    ? await connection.runAndReadAll(`SELECT folded, watermark, hours.* FROM store.state, (${hours}) AS hours`, to.values, to.types)
    : await connection.runAndReadAll('SELECT folded, watermark, NULL, NULL FROM store.state')
  const [folded, watermark, first, end] = reader.getRows()[0] ?? []
  return {
    folded: Number(folded ?? 0),
    isAll: Number(folded ?? 0) >= Number(watermark ?? 0),
    hours: first === null || first === undefined ? null : { first: Number(first), end: Number(end) },
  }
}

/** Buckets from the first of the scope's calls to the last: to the hour, so a bucket at either end may hold none. */
async function dataBuckets(
  connection: DuckDBConnection,
  query: AggregateQuery,
  bucket: NonNullable<AggregateQuery['bucket']>,
  extent: Extent,
): Promise<Buckets> {
  const unfolded = extent.isAll ? null : await unfoldedTimes(connection, query.scope, extent.folded)
  const known = [extent.hours, unfolded].filter((times) => times !== null)
  if (known.length === 0) return NO_BUCKETS
  const first = Math.min(...known.map((times) => times.first))
  const from = Math.max(first, query.from ?? first)
  const end = Math.max(...known.map((times) => times.end))
  const until = Math.min(end, query.to ?? end)
  return from < until ? bucketsOf(bucket, from, until) : NO_BUCKETS
}

const NO_BUCKETS: Buckets = { starts: [], ends: [], tickMs: DAY_MS, areTicks: true }

async function unfoldedTimes(connection: DuckDBConnection, scope: OrganizationScope, folded: number): Promise<Extent['hours']> {
  const to = bindings()
  const reader = await connection.runAndReadAll(
    `SELECT min(called_at), max(called_at) + 1 FROM store.calls WHERE seq > ${folded} AND ${scopeCondition(to, scope)}`,
    to.values,
    to.types,
  )
  const [first, end] = reader.getRows()[0] ?? []
  return first === null || first === undefined ? null : { first: Number(first), end: Number(end) }
}

/** The rollup for a question, unless its buckets are finer than what the rollup keeps. */
function usableRollup(query: AggregateQuery, buckets: Buckets | null): Answering | null {
  const rollup = rollupFor(query.groupBy, query.where ?? [])
  if (rollup === null) return null
  const period = buckets === null ? 'day' : rollupPeriodFor(buckets.tickMs)
  return period === 'day' || (period === 'hour' && rollup.hourly) ? rollup : null
}

/** Rows of `calls` in `[from, to)` and with seq after or up to some point. */
interface RawPart {
  readonly from?: number
  readonly to?: number
  readonly afterSeq?: number
  readonly toSeq?: number
}

/** The bounds of a question that have folded calls beyond them. A range that ends now needs no cutting at its end. */
function neededSpan({ from, to: until }: AggregateQuery, { hours }: Extent): { from: number | undefined; to: number | undefined } {
  if (hours === null) return { from, to: until }
  return {
    from: from !== undefined && from <= hours.first && (until === undefined || until > from) ? undefined : from,
    to: until !== undefined && until >= hours.end && (from === undefined || from < until) ? undefined : until,
  }
}

/** The range cut into whole long periods, whole days and hours at its ends, and what is left at the very ends. */
function mixedPieces(to: Bindings, query: AggregateQuery, buckets: Buckets | null, rollup: Answering, extent: Extent): string[] {
  const { folded, isAll } = extent
  const { from, to: until } = neededSpan(query, extent)
  const days = buckets === null || rollupPeriodFor(buckets.tickMs) === 'day'
  const periods: RollupPeriod[] = [
    ...(buckets === null ? LONG_PERIODS : []),
    ...(days ? (['day'] as const) : []),
    ...(rollup.hourly ? (['hour'] as const) : []),
  ]
  const pieces = cover(from, until, periods).flatMap((piece) => {
    if (piece.period === 'raw') return [rawPiece(to, query, buckets, { ...bounds(piece), toSeq: folded })]
    return rollupPieces(to, query, buckets, rollup, piece)
  })
  // A piece that finds nothing takes its time in the planner all the same; a statement has at least one.
  return isAll && pieces.length > 0 ? pieces : [rawPiece(to, query, buckets, { afterSeq: folded }), ...pieces]
}

interface Stretch {
  readonly period: RollupPeriod | 'raw'
  readonly from: number | undefined
  readonly to: number | undefined
}

/** Covers `[from, to)` without gap or overlap: the first period over all that it fits into, its ends by the next ones, then raw. */
function cover(from: number | undefined, to: number | undefined, periods: readonly RollupPeriod[]): Stretch[] {
  if (from !== undefined && to !== undefined && from >= to) return []
  const [period, ...finer] = periods
  if (period === undefined) return [{ period: 'raw', from, to }]
  const size = PERIOD_MS[period]
  const start = from === undefined ? undefined : Math.ceil(from / size) * size
  const end = to === undefined ? undefined : Math.floor(to / size) * size
  if (start !== undefined && end !== undefined && start >= end) return cover(from, to, finer)
  const before = start === undefined || start === from ? [] : cover(from, start, finer)
  const after = end === undefined || end === to ? [] : cover(end, to, finer)
  return [...before, { period, from: start, to: end }, ...after]
}

function bounds(stretch: Stretch): { from?: number; to?: number } {
  return { ...(stretch.from === undefined ? {} : { from: stretch.from }), ...(stretch.to === undefined ? {} : { to: stretch.to }) }
}

function rawPiece(to: Bindings, query: AggregateQuery, buckets: Buckets | null, part: RawPart): string {
  const keys = query.groupBy.map((dimension, index) => `${callDimension(to, dimension)} AS k${index}`)
  if (buckets !== null) keys.push(`called_at // ${buckets.tickMs} AS tick`)
  const { from = query.from, to: until = query.to } = part
  const conditions = [callConditions(to, { ...query, ...definedRange(from, until) })]
  if (part.afterSeq !== undefined) conditions.push(`seq > ${part.afterSeq}`)
  if (part.toSeq !== undefined) conditions.push(`seq <= ${part.toSeq}`)
  const select = [...keys, measuresOfCalls()].join(', ')
  return `SELECT ${select} FROM store.calls WHERE ${conditions.join(' AND ')}${groupBy(keys.length)}`
}

function definedRange(from: number | undefined, to: number | undefined): { from?: number; to?: number } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

function rollupPieces(to: Bindings, query: AggregateQuery, buckets: Buckets | null, rollup: Answering, stretch: Stretch): string[] {
  const where = [
    `period = '${stretch.period}'`,
    scopeCondition(to, query.scope),
    ...timeConditions('start', stretch.from, stretch.to),
    ...(query.where ?? [])
      .filter((filter) => filter.dimension === 'organization')
      .map((filter) => filterCondition(to, filter, () => 'organization')),
  ]
  const own = (query.where ?? [])
    .filter((filter) => filter.dimension !== 'organization')
    .map((filter) => filterCondition(to, filter, () => columnOf(rollup, filter.dimension)))
  const ofTag = rollup.tag === undefined ? [] : [`value2 = ${bind(to, rollup.tag)}`]
  const select = (table: string, key: (dimension: Dimension) => string, sign: '' | '-', conditions: readonly string[]): string => {
    const columns = query.groupBy.map((dimension, index) => `${key(dimension)} AS k${index}`)
    if (buckets !== null) columns.push(`start // ${buckets.tickMs} AS tick`)
    const measures = MEASURE_NAMES.map((name) => `${sign}${name} AS ${name}`).join(', ')
    return `SELECT ${[...columns, measures].join(', ')} FROM store.${table} WHERE ${conditions.join(' AND ')}`
  }
  const pieces = [select(rollup.table, (dimension) => columnOf(rollup, dimension), '', [...where, ...ofTag, ...own])]
  if (rollup.tag === undefined || !query.groupBy.some((dimension) => dimension.startsWith('tag:')) || own.length > 0) return pieces
  // Calls that lack the tag: all of them less those that have it.
  const withoutTag = (dimension: Dimension): string => (dimension === 'organization' ? 'organization' : 'NULL')
  pieces.push(select('rollup_all', withoutTag, '', where), select(rollup.table, withoutTag, '-', [...where, ...ofTag]))
  return pieces
}

function columnOf(rollup: Answering, dimension: Dimension): string {
  return dimension === 'organization' ? 'organization' : (rollup.columns.get(dimension) ?? 'NULL')
}

function statement(
  to: Bindings,
  query: AggregateQuery,
  buckets: Buckets | null,
  pieces: readonly string[],
): { from: string; order: string } {
  const keys = query.groupBy.map((_, index) => `k${index}`)
  const bucketStart = buckets === null ? null : buckets.areTicks ? `tick * ${buckets.tickMs}` : 'bucket.start'
  const groups = [...keys, ...(bucketStart === null ? [] : [bucketStart])]
  const table =
    buckets === null || buckets.areTicks
      ? ''
      : ` JOIN ${bucketTable(buckets.tickMs, bindMillis(to, buckets.starts), bindMillis(to, buckets.ends))} AS bucket USING (tick)`
  const sums = `SELECT ${[...keys, `${bucketStart ?? 'NULL'} AS bucket_start`, measuresOfSums('piece')].join(', ')}
    FROM (${pieces.join(' UNION ALL ')}) AS piece${table}${groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')}`}`
  const filter = groups.length === 0 ? '' : ` WHERE ${NOT_EMPTY}`
  const limit = query.limit === undefined ? '' : ` LIMIT ${bind(to, BigInt(query.limit), BIGINT)}`
  const by = order(query, keys)
  // What is cut off has to be known before the rows become text.
  return { from: limit === '' ? `(${sums})${filter}` : `(SELECT * FROM (${sums})${filter} ORDER BY ${by}${limit})`, order: by }
}

function order(query: AggregateQuery, keys: readonly string[]): string {
  const rest = ['bucket_start', ...keys.map((key) => `${key} ASC NULLS LAST`)]
  const largest = { cost: ['cost DESC'], calls: ['calls DESC'], tokens: ['input_tokens + output_tokens DESC'], key: [] }
  return [...largest[query.orderBy ?? 'key'], ...rest].join(', ')
}

function bindMillis(to: Bindings, values: readonly number[]): string {
  return bind(to, listValue(values.map((value) => BigInt(value))), LIST(BIGINT))
}

function groupBy(count: number): string {
  return count === 0 ? '' : ` GROUP BY ${Array.from({ length: count }, (_, index) => index + 1).join(', ')}`
}
