import type { Millis, Picos } from '../kernel/index.ts'
import type { JournalEntry } from '../ledger/index.ts'
import type { CallRow, Dimension, Measures, PriceableCall, RunRow, SessionRow } from './records.ts'

/** Whose rows may be read: one organization, or all of them (bootstrap key and local mode). Mandatory in every query. */
export type OrganizationScope = { readonly organization: string } | { readonly allOrganizations: true }

export interface Filter {
  readonly dimension: Dimension
  /** Rows with one of these values; null matches rows that have none. */
  readonly in: readonly (string | null)[]
}

export interface CallQuery {
  readonly scope: OrganizationScope
  /** Half open; absent: no bound. By the call's own time. */
  readonly from?: Millis
  readonly to?: Millis
  readonly where?: readonly Filter[]
  /** The answer contains every entry up to this journal seq (read-your-writes). */
  readonly atLeast: number
}

export interface AggregateQuery extends CallQuery {
  readonly groupBy: readonly Dimension[]
  /** Buckets of local time in an IANA zone. */
  readonly bucket?: { readonly period: 'hour' | 'day' | 'week' | 'month'; readonly zone: string }
  /** `key` (default): by bucket, then by the keys, those that say nothing last; else largest first. */
  readonly orderBy?: 'cost' | 'calls' | 'tokens' | 'key'
  readonly limit?: number
}

export interface AggregateRow extends Measures {
  /** One value per `groupBy`, in its order; null: calls that do not say. */
  readonly keys: readonly (string | null)[]
  readonly bucketStart?: Millis
}

export interface RowQuery extends CallQuery {
  readonly orderBy?: 'at' | 'cost'
  readonly descending?: boolean
  readonly limit: number
  readonly offset?: number
}

/**
 * Runs with a call that the query matches, with the sums over those calls; and runs without any call that started within its time.
 * Times of a run, for the order: its start, else its first matching call.
 */
export interface RunQuery extends CallQuery {
  readonly workflow?: string
  readonly runIds?: readonly string[]
  readonly failedOnly?: boolean
  /** Highest cost first, or newest first (default). */
  readonly orderBy?: 'cost' | 'at'
  readonly limit: number
}

/** Sessions with a call that the query matches, and, when nothing is filtered, sessions without calls that started within its time. */
export interface SessionQuery extends CallQuery {
  readonly orderBy?: 'cost' | 'at'
  readonly limit: number
  readonly offset?: number
}

export interface TreeQuery {
  readonly scope: OrganizationScope
  readonly runId: string
  readonly atLeast: number
  readonly limit: number
}

export interface SqlQuery {
  readonly scope: OrganizationScope
  readonly text: string
  readonly atLeast: number
  readonly rowsMax: number
  readonly msMax: number
}

export interface RunTotalsQuery extends CallQuery {
  readonly workflows: readonly string[]
}

/** A run that failed, with the sums over its calls that a query matches. */
export type FailedRun = Pick<RunRow, 'organization' | 'runId' | 'workflow' | 'firstCallAt' | 'lastCallAt' | 'calls' | 'unpriced' | 'cost'>

/** The runs of one workflow together. */
export interface RunTotals extends Measures {
  readonly workflow: string
  readonly runs: number
  readonly succeeded: number
  readonly failedRuns: number
  /** Sum over the `endedRuns` runs whose start and end are both known. */
  readonly durationMs: number
  readonly endedRuns: number
}

/** A request that is made all day long has more calls than anybody reads. */
export const REPEAT_CALL_IDS_MAX = 1_000

export interface RepeatQuery extends CallQuery {
  readonly limit: number
  /** Ids of calls with each; `REPEAT_CALL_IDS_MAX` when left out. */
  readonly callIdsMax?: number
}

/** Requests with one fingerprint and model that one agent made more than once. Ordered by `repeatedCost`, highest first. */
export interface RepeatRow {
  readonly organization: string
  readonly fingerprint: string
  readonly agent: string | null
  readonly model: string | null
  readonly calls: number
  readonly cost: Picos
  /** Cost of all but the first call. */
  readonly repeatedCost: Picos
  /** Calls whose price is not known, so that `cost` does not hold them; and those of all but the first. */
  readonly unpriced: number
  readonly repeatedUnpriced: number
  /** In the order of time; the first of them, as many as were asked for. */
  readonly callIds: readonly string[]
  /** Of all but the first call, those made in runs that failed: what each of those runs has spent on them. By run. */
  readonly inFailedRuns: readonly { readonly runId: string; readonly cost: Picos }[]
}

/** What is going on: calls of a stretch of time by who makes them. */
export interface ActivityQuery extends CallQuery {
  /** Sums are made of the calls at or after each of these times. */
  readonly since: readonly Millis[]
  /** The groups that have spent most since `from`. */
  readonly limit: number
}

/** Calls of one agent in one session; where they name no session, in one run. */
export interface ActivityRow {
  readonly organization: string
  readonly sessionId: string | null
  /** Null where there is a session. */
  readonly runId: string | null
  readonly agent: string | null
  /** Of the calls that the query matches. */
  readonly firstCallAt: Millis
  readonly lastCallAt: Millis
  /** One for each of `since`, in its order. */
  readonly sums: readonly ActivitySums[]
}

export type ActivitySums = Pick<Measures, 'calls' | 'unpriced' | 'cost'>

/**
 * Something that a call is or is not. These are facts of the call, its request and its run: whatever else a question filters by, and whatever
 * time it is about, a call meets the same ones. The same request: one fingerprint, model and agent.
 */
export type CallFact =
  /** It has the tag. Its value is that of the tag. */
  | { readonly kind: 'tagged'; readonly tag: string }
  /** It says one of some actions, which is its value. */
  | { readonly kind: 'action'; readonly actions: readonly string[] }
  | { readonly kind: 'failed' }
  /** Its run ended as failed. */
  | { readonly kind: 'in_failed_run' }
  /** It failed, and the next call of the same request came at most so much later. */
  | { readonly kind: 'tried_again'; readonly withinMs: number }
  /** The call before it of the same request succeeded, at most so much earlier. */
  | { readonly kind: 'repeated'; readonly withinMs: number }

export interface FactQuery extends CallQuery {
  /** Each call counts under the first of these that it meets, and under no other. */
  readonly facts: readonly CallFact[]
  readonly bucket?: AggregateQuery['bucket']
  /** Of these calls only. */
  readonly seqs?: readonly number[]
  /** Calls shown of each group, dearest first; none when left out, and none where there are buckets. */
  readonly examplesMax?: number
}

/** Calls that meet a fact first. Ordered by the fact, its value (none last) and the bucket. */
export interface FactSums extends Pick<Measures, 'calls' | 'failed' | 'unpriced' | 'cost'> {
  /** Which of the facts of the query. */
  readonly fact: number
  readonly value: string | null
  readonly bucketStart?: Millis
  readonly examples: readonly { readonly seq: number; readonly callId: string }[]
}

export interface SqlResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Values as JSON can carry them; decimals and 64-bit integers as text. */
  readonly rows: readonly (readonly unknown[])[]
  /** True when more rows were there than the limit lets through. */
  readonly truncated: boolean
}

export interface ProjectionSums {
  readonly watermark: number
  readonly calls: number
  readonly cost: Picos
}

/** What one projected row adds to the cost, for naming the rows that differ. */
export interface CallAmount {
  readonly seq: number
  readonly organization: string
  readonly callId: string
  /** Null: unpriced. */
  readonly cost: Picos | null
}

/** One piece of advice, computed by the insights layer and published as `optimization_recommendations`. */
export interface Recommendation {
  readonly organization: string
  readonly type: string
  readonly priority: 'high' | 'medium' | 'low'
  /** The agent or model it is about; null where it is about no single one. */
  readonly subject: string | null
  readonly currentCost: Picos
  readonly recommendation: string
  /** Null when it cannot be computed: not zero. */
  readonly potentialSavings: Picos | null
  readonly callIds: readonly string[]
  readonly computedAt: Millis
}

/** Where the projection reads the journal from: the ledger's committed entries in the order of their seq. */
export interface JournalSource {
  /** Entries after `afterSeq`, ascending, at most `limit`. */
  read(afterSeq: number, limit: number): readonly JournalEntry[] | Promise<readonly JournalEntry[]>
  /** Seq of the newest committed entry, 0 for none. */
  head(): number | Promise<number>
  close(): void | Promise<void>
}

/** Per call sums for the comparison that `verify` makes. */
export interface SumBucket {
  readonly organization: string
  /** Journal seqs `[fromSeq, toSeq)`. */
  readonly fromSeq: number
  readonly toSeq: number
  readonly calls: number
  readonly cost: Picos
}

/** The query port: everything analytics asks of the columnar store. DuckDB and ClickHouse implement it. Each rejects with a `QueryFault`. */
export interface CallStore {
  aggregate(query: AggregateQuery): Promise<AggregateRow[]>
  /** Rows as they stand, adjustments as rows of their own. */
  rows(query: RowQuery): Promise<CallRow[]>
  /** The calls posted last of those that match, latest first: narrow, and read from the end, so that thousands take no longer than a sum. */
  lastPosted(query: CallQuery & { readonly limit: number }): Promise<PriceableCall[]>
  runs(query: RunQuery): Promise<RunRow[]>
  /** What failed runs have spent, dearest first: of each only this, so that thousands take no longer than a sum. */
  failedRuns(query: CallQuery & { readonly limit: number }): Promise<FailedRun[]>
  /** Totals over the runs of each of some workflows, without listing them; nothing for a workflow without a matching run. By name. */
  runTotals(query: RunTotalsQuery): Promise<RunTotals[]>
  sessions(query: SessionQuery): Promise<SessionRow[]>
  /** All rows of a run and of the runs below it, oldest first; see `mergeAdjustments`. */
  tree(query: TreeQuery): Promise<{ runs: RunRow[]; calls: CallRow[] }>
  repeats(query: RepeatQuery): Promise<RepeatRow[]>
  /** Who has called lately, those who have spent most first; read from the rows of the time alone. */
  activity(query: ActivityQuery): Promise<ActivityRow[]>
  /** Sums of the calls that meet some facts, each call under one of them. Calls that meet none are in no group. */
  facts(query: FactQuery): Promise<FactSums[]>
  /** A read-only SELECT over the published tables and views. */
  sql(query: SqlQuery): Promise<SqlResult>
  sums(): Promise<ProjectionSums>
  sumsBySeq(bucketSize: number): Promise<SumBucket[]>
  /** Rows with seq in `[fromSeq, toSeq)`, ascending. */
  amounts(fromSeq: number, toSeq: number): Promise<CallAmount[]>
  /** Replaces the published advice: of one organization, or with `allOrganizations` of every one. */
  replaceRecommendations(scope: OrganizationScope, rows: readonly Recommendation[]): Promise<void>
  /** Tells the projection that the journal has grown to `head`. */
  notify(head: number): void
  watermark(): Promise<number>
  /** Drops everything and projects the journal again from its start. Resolves when the watermark has reached `head`. */
  rebuild(head: number, onProgress?: (seq: number) => void): Promise<void>
  close(): Promise<void>
}

/** Why a query could not be answered; `code` is one of the registry's. */
export class QueryFault extends Error {
  override readonly name = 'QueryFault'
  readonly code: 'projection_behind' | 'query_refused' | 'query_failed' | 'query_limit'

  constructor(code: QueryFault['code'], message: string) {
    super(message)
    this.code = code
  }
}
