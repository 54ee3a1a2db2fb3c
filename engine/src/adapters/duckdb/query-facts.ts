import {
  BIGINT,
  type DuckDBConnection,
  DuckDBListValue,
  DuckDBStructValue,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api'
import type { CallFact, FactQuery, FactSums } from '../../calls/index.ts'
import { picosOf, REQUEST_HASH, SUM_TYPE } from './columns.ts'
import { type Bindings, bind, bindings, callConditions, scopeCondition, timeConditions, wholeNumber } from './conditions.ts'
import { textOf } from './read-rows.ts'
import { bucketsOf, bucketTable } from './rollup/buckets.ts'

/**
 * Sums of calls by the first of some facts that they meet, in one pass over `calls`. What a call's neighbours of the same request say comes from the kept
 * copies of repeated requests, and which runs failed from their own table: few rows, joined with the many.
 */
export async function facts(connection: DuckDBConnection, query: FactQuery): Promise<FactSums[]> {
  const wanted = await possible(connection, query)
  if (wanted.length === 0) return []
  const to = bindings()
  const buckets = query.bucket === undefined ? null : await bucketsFor(connection, query, query.bucket)
  const rows = factRows(to, query, wanted)
  const bucket = buckets === null ? 'NULL' : buckets.areTicks ? `called_at // ${buckets.tickMs} * ${buckets.tickMs}` : 'bucket.start'
  const joined =
    buckets === null || buckets.areTicks
      ? ''
      : ` JOIN ${bucketTable(buckets.tickMs, bindMillis(to, buckets.starts), bindMillis(to, buckets.ends))} AS bucket ON called_at // ${buckets.tickMs} = bucket.tick`
  const sums = `SELECT fact, value, ${bucket} AS bucket_start, sum(calls)::BIGINT, sum(CASE WHEN success THEN 0 ELSE calls END)::BIGINT,
    sum(unpriced)::BIGINT, coalesce(sum(cost), 0)::${SUM_TYPE}, NULL AS examples FROM rows${joined} GROUP BY ALL`
  const shown = buckets === null ? (query.examplesMax ?? 0) : 0
  const all =
    shown === 0
      ? sums
      : `SELECT sums.* REPLACE (shown.examples AS examples) FROM (${sums}) AS sums LEFT JOIN (${examples(shown)}) AS shown
    ON sums.fact = shown.fact AND sums.value IS NOT DISTINCT FROM shown.value`
  const reader = await connection.runAndReadAll(
    `WITH rows AS ${shown === 0 && joined === '' ? 'NOT ' : ''}MATERIALIZED (${rows}) ${all} ORDER BY 1, 2 NULLS LAST, 3`,
    to.values,
    to.types,
  )
  return reader.getRows().map((row) => sumsOf(row, buckets !== null))
}

function sumsOf([fact, value, start, calls, failed, unpriced, cost, shown]: readonly DuckDBValue[], isBucketed: boolean): FactSums {
  const items = shown instanceof DuckDBListValue ? shown.items : []
  return {
    fact: Number(fact),
    value: textOf(value),
    ...(isBucketed ? { bucketStart: Number(start) } : {}),
    calls: Number(calls),
    failed: Number(failed),
    unpriced: Number(unpriced),
    cost: picosOf(cost ?? null),
    examples: items.flatMap((item) =>
      item instanceof DuckDBStructValue ? [{ seq: Number(item.entries.seq), callId: String(item.entries.call_id) }] : [],
    ),
  }
}

/** Found by numbers alone; their ids are looked up for the few that are shown. */
function examples(max: number): string {
  const order = 'cost DESC NULLS LAST, seq'
  const chosen = `SELECT fact, value, seq, cost FROM rows WHERE calls = 1
    QUALIFY row_number() OVER (PARTITION BY fact, value ORDER BY ${order}) <= ${wholeNumber(max)}`
  return `SELECT fact, value, list({'seq': seq, 'call_id': call_id} ORDER BY ${order}) AS examples
    FROM (${chosen}) JOIN (SELECT seq, call_id FROM store.calls WHERE seq IN (SELECT seq FROM (${chosen}))) USING (seq) GROUP BY fact, value`
}

interface Wanted {
  readonly fact: CallFact
  /** In the query. */
  readonly index: number
}

/** Facts that some call of the scope may meet: looking into the tags of millions of calls for one that nobody uses takes longest. */
async function possible(connection: DuckDBConnection, query: FactQuery): Promise<Wanted[]> {
  const wanted: Wanted[] = []
  for (const [index, fact] of query.facts.entries()) {
    const to = bindings()
    const scope = scopeCondition(to, query.scope)
    const known =
      fact.kind === 'tagged'
        ? `store.rollup_tag WHERE ${scope} AND value2 = ${bind(to, fact.tag)}`
        : fact.kind === 'action'
          ? `store.rollup_action WHERE ${scope} AND value IN (SELECT unnest(${bind(to, listValue([...fact.actions]), LIST(VARCHAR))}))`
          : null
    if (known === null) wanted.push({ fact, index })
    else {
      const reader = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM (SELECT 1 FROM ${known} LIMIT 1)`, to.values, to.types)
      if (reader.getRows()[0]?.[0] === 1) wanted.push({ fact, index })
    }
  }
  return wanted
}

/**
 * The rows that meet a fact, with the first that they meet and its value. Only columns that are needed go through the joins: they are wide, and few rows are
 * left after them.
 */
function factRows(to: Bindings, query: FactQuery, wanted: readonly Wanted[]): string {
  const conditions = wanted.map(({ fact }) => conditionOf(to, fact))
  const fact = `CASE ${wanted.map(({ index }, place) => `WHEN ${conditions[place]} THEN ${index}`).join(' ')} END`
  const valued = wanted.filter(({ fact: { kind } }) => kind === 'tagged' || kind === 'action')
  const value = valued.map(
    ({ fact: one, index }) => `WHEN ${index} THEN ${one.kind === 'tagged' ? `tags[${bind(to, one.tag)}]` : 'action'}`,
  )
  const kinds = wanted.map((one) => one.fact.kind)
  const isOfRequests = kinds.includes('tried_again') || kinds.includes('repeated')
  const isOfRuns = kinds.includes('in_failed_run')
  const columns = [
    ...['seq', 'call_seq', 'called_at', 'calls', 'success', 'unpriced', 'cost'],
    ...(kinds.includes('tagged') ? ['tags'] : []),
    ...(kinds.includes('action') ? ['action'] : []),
    ...(isOfRuns ? ['organization', 'run_id'] : []),
  ]
  const only =
    query.seqs === undefined ? '' : ` AND call_seq IN (SELECT unnest(${bind(to, listValue(query.seqs.map(BigInt)), LIST(BIGINT))}))`
  const ofRequests = isOfRequests ? ` LEFT JOIN (${neighbours(to, query)}) ON call_seq = neighbour_seq` : ''
  const ofRuns = isOfRuns
    ? ` LEFT JOIN (SELECT organization AS failed_organization, run_id AS failed_run FROM store.failed_runs WHERE ${scopeCondition(to, query.scope)})
        ON run_id = failed_run AND organization = failed_organization`
    : ''
  return `SELECT seq, called_at, calls, success, unpriced, cost, fact,
      ${value.length === 0 ? 'NULL::VARCHAR' : `CASE fact ${value.join(' ')} END`} AS value
    FROM (SELECT *, ${fact} AS fact FROM (SELECT ${columns.join(', ')} FROM store.calls WHERE ${callConditions(to, query)}${only})${ofRequests}${ofRuns})
    WHERE fact IS NOT NULL`
}

function conditionOf(to: Bindings, fact: CallFact): string {
  switch (fact.kind) {
    case 'tagged':
      return `tags[${bind(to, fact.tag)}] IS NOT NULL`
    case 'action':
      return `action IN (SELECT unnest(${bind(to, listValue([...fact.actions]), LIST(VARCHAR))}))`
    case 'failed':
      return 'NOT success'
    case 'in_failed_run':
      return 'failed_run IS NOT NULL'
    case 'tried_again':
      return `(NOT success AND next_at - called_at <= ${wholeNumber(fact.withinMs)})`
    case 'repeated':
      return `(previous_success AND called_at - before_at <= ${wholeNumber(fact.withinMs)})`
  }
}

/** Of each call of a request that occurs again the calls before and after it, as far as the facts look back and ahead. */
function neighbours(to: Bindings, query: FactQuery): string {
  const withinMs = Math.max(...query.facts.map((fact) => ('withinMs' in fact ? fact.withinMs : 0)))
  const reach = timeConditions(
    'called_at',
    query.from === undefined ? undefined : query.from - withinMs,
    query.to === undefined ? undefined : query.to + withinMs + 1,
  )
  const conditions = [scopeCondition(to, query.scope), 'calls = 1', ...reach].join(' AND ')
  return `SELECT call_seq AS neighbour_seq, lag(called_at) OVER same AS before_at, lag(success) OVER same AS previous_success, lead(called_at) OVER same AS next_at
    FROM store.repeat_calls WHERE ${conditions}
    WINDOW same AS (PARTITION BY ${REQUEST_HASH}, organization, fingerprint, model, agent ORDER BY called_at, call_seq)`
}

/** The buckets that the matching calls lie in. */
async function bucketsFor(
  connection: DuckDBConnection,
  query: FactQuery,
  bucket: NonNullable<FactQuery['bucket']>,
): Promise<ReturnType<typeof bucketsOf>> {
  const to = bindings()
  const reader = await connection.runAndReadAll(
    `SELECT min(called_at), max(called_at) FROM store.calls WHERE ${callConditions(to, query)}`,
    to.values,
    to.types,
  )
  const [first, last] = reader.getRows()[0] ?? []
  return first === null || first === undefined ? bucketsOf(bucket, 0, 0) : bucketsOf(bucket, Number(first), Number(last) + 1)
}

function bindMillis(to: Bindings, values: readonly number[]): string {
  return bind(to, listValue(values.map((value) => BigInt(value))), LIST(BIGINT))
}
