import { BIGINT, type DuckDBConnection, DuckDBListValue } from '@duckdb/node-api'
import type { CallQuery, CallRow, Filter, RunQuery, RunRow, RunTotals, RunTotalsQuery, SessionQuery, TreeQuery } from '../../calls/index.ts'
import { LIMITS } from '../../kernel/index.ts'
import { rowsAsText } from './as-text/rows-as-text.ts'
import { type Bindings, bind, bindings, callConditions, filterCondition, isOneOf, scopeCondition, timeConditions } from './conditions.ts'
import { MEASURE_NAMES, MEASURES_AS_TEXT, measuresOfCalls, measuresOfSums } from './measure-columns.ts'
import { CALL_SELECT, callRowOf, MEASURE_SELECT, measuresOf, RUN_FACT_NAMES, runRowOf, SESSION_FACT_NAMES } from './read-rows.ts'
import { durationKnown, lastedMs, startedAt, workflowOf } from './run-facts.ts'

/** The table of runs or sessions, and how to read from it what a run or session is. */
interface Owner {
  readonly table: 'runs' | 'failed_runs' | 'sessions'
  readonly id: 'run_id' | 'session_id'
  readonly facts: string
}

const RUNS: Owner = { table: 'runs', id: 'run_id', facts: RUN_FACT_NAMES.map(runFact).join(', ') }
const FAILED_RUNS: Owner = { ...RUNS, table: 'failed_runs' }
const SESSIONS: Owner = {
  table: 'sessions',
  id: 'session_id',
  facts: `owner.organization, owner.session_id,
    CASE WHEN owner.started_at IS NULL AND owner.ended_at IS NULL THEN owner.caller_user_id ELSE owner.user_id END AS user_id,
    ${startedAt('owner.')} AS started_at, owner.ended_at, ${durationKnown('owner.')} AS duration_known`,
}

function runFact(name: string): string {
  if (name === 'started_at') return `${startedAt('owner.')} AS started_at`
  if (name === 'duration_known') return `${durationKnown('owner.')} AS duration_known`
  return name === 'workflow' ? `${workflowOf('owner.')} AS workflow` : `owner.${name}`
}

/** What a run that has no calls can be filtered by: what it says itself. */
const RUN_SAYS: Partial<Record<string, string>> = {
  organization: 'organization',
  workflow: 'workflow',
  run: 'run_id',
  session: 'session_id',
  user: 'user_id',
  team: 'team',
  project: 'project',
  cost_center: 'cost_center',
  error: 'error_code',
}

/**
 * Runs or sessions with the sums of their matching calls, as a subquery: facts, first and last call, measures. Without filters, those
 * whose calls all lie in the range have their sums ready; only those across its ends are summed from raw rows. Each is in one piece only.
 */
async function owners(connection: DuckDBConnection, to: Bindings, owner: Owner, query: CallQuery): Promise<string> {
  const where = query.where ?? []
  const columns = `${owner.facts}, %.first_call_at, %.last_call_at, ${MEASURE_SELECT.split(', ')
    .map((name) => `%.${name}`)
    .join(', ')}`
  const from = `FROM store.${owner.table} AS owner`
  const summed = (rows: string): string => `SELECT ${columns.replaceAll('%', 'own')} ${from} JOIN (
      SELECT organization, ${owner.id}, min(called_at) AS first_call_at, max(called_at) AS last_call_at, ${measuresOfCalls()}
      FROM store.calls WHERE ${rows} AND ${owner.id} IS NOT NULL GROUP BY organization, ${owner.id}
    ) AS own USING (organization, ${owner.id})`
  const ready = readyConditions(to, owner, query)
  const pieces =
    ready === null
      ? []
      : [`SELECT ${columns.replaceAll('%', 'owner')} ${from} WHERE ${scopeCondition(to, query.scope, 'owner.organization')} AND (${ready})`]
  if (where.length > 0) return [...pieces, summed(callConditions(to, query))].join(' UNION ALL ')
  for (const { condition, ids, from: first, to: last } of await ownersAcross(connection, owner, query)) {
    // The same id may be of another organization, and lie otherwise there: the condition tells.
    const rows = `${callConditions(to, { ...query, from: first, to: last })} AND ${isOneOf(to, owner.id, ids)}`
    pieces.push(`${summed(rows)} WHERE ${condition}`)
  }
  return pieces.join(' UNION ALL ')
}

/** Those listed with the sums of all their calls: without calls, and begun in the range; or, where nothing is filtered, with all of them in it. */
function readyConditions(to: Bindings, owner: Owner, query: CallQuery): string | null {
  const where = query.where ?? []
  const empty = emptyConditions(to, owner, where)
  const began = timeConditions(`(${startedAt('owner.')})`, query.from, query.to)
  const withoutCalls =
    empty === null ? [] : [['owner.first_call_at IS NULL', 'owner.started_at IS NOT NULL', ...empty, ...began].join(' AND ')]
  const inside = [
    'owner.first_call_at IS NOT NULL',
    ...timeConditions('owner.first_call_at', query.from, undefined),
    ...timeConditions('owner.last_call_at', undefined, query.to),
  ]
  const choices = where.length > 0 ? withoutCalls : [...withoutCalls, inside.join(' AND ')]
  return choices.length === 0 ? null : choices.map((choice) => `(${choice})`).join(' OR ')
}

/** Null: those without calls are not listed at all. */
function emptyConditions(to: Bindings, owner: Owner, where: readonly Filter[]): string[] | null {
  if (owner.table === 'sessions') return where.length === 0 ? [] : null
  if (where.some((filter) => RUN_SAYS[filter.dimension] === undefined)) return null
  return where.map((filter) => filterCondition(to, filter, () => `owner.${RUN_SAYS[filter.dimension]}`))
}

/** Those with calls both in the range and outside of it, and the stretch of the range that their calls can lie in. */
interface Across {
  /** On the table as `owner`. */
  readonly condition: string
  readonly ids: string[]
  readonly from: number
  readonly to: number
}

/** First those across the start of the range, then those across its end alone: each group's calls lie close to its end of the range. */
async function ownersAcross(connection: DuckDBConnection, owner: Owner, query: CallQuery): Promise<Across[]> {
  const acrossStart = query.from === undefined ? 'FALSE' : `owner.first_call_at < ${query.from} AND owner.last_call_at >= ${query.from}`
  const acrossEnd = query.to === undefined ? 'FALSE' : `owner.first_call_at < ${query.to} AND owner.last_call_at >= ${query.to}`
  if (query.from === undefined && query.to === undefined) return []
  const conditions = [`(${acrossStart})`, `(${acrossEnd}) AND NOT (${acrossStart})`]
  const to = bindings()
  const scope = scopeCondition(to, query.scope)
  const facts = [`list(DISTINCT ${owner.id})`, 'min(first_call_at)', 'max(last_call_at)']
  const columns = conditions.flatMap((condition) => facts.map((fact) => `${fact} FILTER (${condition})`))
  const reader = await connection.runAndReadAll(
    `SELECT ${columns.join(', ')} FROM store.${owner.table} AS owner WHERE ${scope} AND ((${acrossStart}) OR (${acrossEnd}))`,
    to.values,
    to.types,
  )
  const row = reader.getRows()[0] ?? []
  return conditions.flatMap((condition, index) => {
    const [ids, first, last] = row.slice(index * facts.length)
    if (!(ids instanceof DuckDBListValue)) return []
    const from = Math.max(query.from ?? Number(first), Number(first))
    return [{ condition, ids: ids.items.map(String), from, to: Math.min(query.to ?? Number(last) + 1, Number(last) + 1) }]
  })
}

export async function runs(connection: DuckDBConnection, query: RunQuery): Promise<RunRow[]> {
  const to = bindings()
  const from = await selectedRuns(connection, to, query)
  const time = 'coalesce(started_at, first_call_at, 0)'
  const order = query.orderBy === 'cost' ? `cost DESC, ${time}, run_id` : `${time} DESC, run_id DESC`
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const reader = await connection.runAndReadAll(`SELECT * FROM ${from} ORDER BY ${order} LIMIT ${limit}`, to.values, to.types)
  return reader.getRows().map(runRowOf)
}

/** Few columns of the runs that failed, as a text, which `failedRunRows` reads: thousands are read. */
export async function failedRunsText(connection: DuckDBConnection, query: CallQuery & { readonly limit: number }): Promise<string> {
  const to = bindings()
  const from = await selectedRuns(connection, to, { ...query, failedOnly: true })
  const order = 'cost DESC, coalesce(started_at, first_call_at, 0), run_id'
  const columns = ['organization', 'run_id', 'workflow', 'first_call_at', 'last_call_at', 'calls', 'unpriced', 'cost::VARCHAR']
  const listed = `(SELECT * FROM ${from} ORDER BY ${order} LIMIT ${bind(to, BigInt(query.limit), BIGINT)})`
  return await rowsAsText(connection, { columns, from: listed, order }, to)
}

/** What tells which runs: of one workflow or several, of some ids, those that failed. */
type RunSelection = Omit<RunQuery, 'limit'> & Partial<RunTotalsQuery>

async function selectedRuns(connection: DuckDBConnection, to: Bindings, query: RunSelection): Promise<string> {
  const conditions: string[] = []
  const all = await owners(connection, to, query.failedOnly === true ? FAILED_RUNS : RUNS, query)
  if (query.workflow !== undefined) conditions.push(`workflow = ${bind(to, query.workflow)}`)
  if (query.workflows !== undefined) conditions.push(isOneOf(to, 'workflow', query.workflows))
  if (query.runIds !== undefined) conditions.push(`${isOneOf(to, 'run_id', query.runIds)}`)
  return `(SELECT * FROM (${all}) ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`})`
}

export async function runTotals(connection: DuckDBConnection, query: RunTotalsQuery): Promise<RunTotals[]> {
  const to = bindings()
  const from = await selectedRuns(connection, to, query)
  const lasted = lastedMs('run.started_at', 'run.ended_at', 'run.duration_known')
  const reader = await connection.runAndReadAll(
    `SELECT run.workflow, ${measuresOfSums('run')}, count(*), count(*) FILTER (run.success), count(*) FILTER (NOT run.success),
      coalesce(sum(${lasted}), 0)::BIGINT, count(${lasted}) FROM ${from} AS run GROUP BY run.workflow ORDER BY run.workflow`,
    to.values,
    to.types,
  )
  return reader.getRows().map((row) => {
    const [runs = 0, succeeded = 0, failedRuns = 0, durationMs = 0, endedRuns = 0] = row.slice(MEASURE_NAMES.length + 1).map(Number)
    return { workflow: String(row[0]), ...measuresOf(row, 1), runs, succeeded, failedRuns, durationMs, endedRuns }
  })
}

/** Sessions as a text, which `sessionRows` reads. */
export async function sessionsText(connection: DuckDBConnection, query: SessionQuery): Promise<string> {
  const to = bindings()
  const all = await owners(connection, to, SESSIONS, query)
  const time = 'coalesce(started_at, first_call_at, 0)'
  const order = query.orderBy === 'cost' ? `cost DESC, ${time} DESC, session_id DESC` : `${time} DESC, session_id DESC`
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const offset = bind(to, BigInt(query.offset ?? 0), BIGINT)
  const names = [...SESSION_FACT_NAMES, 'first_call_at', 'last_call_at', MEASURE_SELECT].join(', ')
  const listed = `(WITH listed AS MATERIALIZED (SELECT ${names} FROM (${all}) ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}),
      members AS (${await memberRuns(connection)})
    SELECT ${names}, coalesce(member_count, 0) AS member_count FROM listed LEFT JOIN (
      SELECT organization, session_id, count(*) AS member_count FROM members GROUP BY organization, session_id
    ) USING (organization, session_id))`
  const columns = [...SESSION_FACT_NAMES, 'first_call_at', 'last_call_at', MEASURES_AS_TEXT, 'member_count']
  return await rowsAsText(connection, { columns, from: listed, order }, to)
}

/** Runs of the listed sessions: those that say so, and those that only its calls have named; the latter are looked for if there are any. */
async function memberRuns(connection: DuckDBConnection): Promise<string> {
  const said = `SELECT organization, session_id, run_id FROM store.runs SEMI JOIN listed USING (organization, session_id)
    WHERE started_at IS NOT NULL OR ended_at IS NOT NULL`
  const unsaid = 'SELECT organization, run_id FROM store.runs WHERE started_at IS NULL AND ended_at IS NULL'
  const reader = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM (${unsaid} LIMIT 1)`)
  if (reader.getRows()[0]?.[0] === 0) return said
  return `${said} UNION
    SELECT calls.organization, calls.session_id, calls.run_id FROM store.calls SEMI JOIN listed USING (organization, session_id)
    SEMI JOIN (${unsaid}) AS unsaid USING (organization, run_id)`
}

/** A run, the runs below it through their parents, and their rows in the order of time. */
export async function tree(connection: DuckDBConnection, query: TreeQuery): Promise<{ runs: RunRow[]; calls: CallRow[] }> {
  const found = new Set<string>([query.runId])
  for (let level = [query.runId], depth = 0; level.length > 0 && depth <= LIMITS.runDepthMax; depth += 1) {
    level = (await childRuns(connection, query, level)).filter((id) => !found.has(id))
    for (const id of level) found.add(id)
  }
  const ids = [...found]
  const members = await runs(connection, { scope: query.scope, atLeast: query.atLeast, runIds: ids, limit: ids.length * 64 })
  const order = new Map(ids.map((id, index) => [id, index]))
  members.sort((a, b) => (order.get(a.runId) ?? 0) - (order.get(b.runId) ?? 0))
  const to = bindings()
  const where = `${scopeCondition(to, query.scope)} AND ${isOneOf(to, 'run_id', ids)}`
  const limit = bind(to, BigInt(query.limit), BIGINT)
  const reader = await connection.runAndReadAll(
    `SELECT ${CALL_SELECT} FROM store.calls WHERE ${where} ORDER BY called_at, seq LIMIT ${limit}`,
    to.values,
    to.types,
  )
  return { runs: members, calls: reader.getRows().map(callRowOf) }
}

async function childRuns(connection: DuckDBConnection, query: TreeQuery, parents: readonly string[]): Promise<string[]> {
  const to = bindings()
  const where = `${scopeCondition(to, query.scope)} AND ${isOneOf(to, 'parent_run_id', parents)}`
  const reader = await connection.runAndReadAll(`SELECT run_id FROM store.runs WHERE ${where} ORDER BY run_id`, to.values, to.types)
  return reader.getRows().map(([id]) => String(id))
}
