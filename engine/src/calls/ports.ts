import type { Millis, Picos } from '../kernel/index.ts'
import type { CallRow, Dimension, Measures, RunRow, SessionRow } from './records.ts'

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

/** Requests with one fingerprint and model that were made more than once. */
export interface RepeatRow {
  readonly organization: string
  readonly fingerprint: string
  readonly agent: string | null
  readonly model: string | null
  readonly calls: number
  readonly cost: Picos
  /** Cost of all but the first call. */
  readonly repeatedCost: Picos
  readonly callIds: readonly string[]
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
  rows(query: RowQuery): Promise<CallRow[]>
  runs(query: CallQuery & { readonly workflow?: string; readonly runIds?: readonly string[]; readonly failedOnly?: boolean; readonly orderBy?: 'cost' | 'at'; readonly limit: number }): Promise<RunRow[]>
  /** Totals over the runs of a workflow, without listing them. */
  runTotals(query: CallQuery & { readonly workflow: string }): Promise<Measures & { runs: number; succeeded: number; failedRuns: number; durationMs: number; endedRuns: number }>
  sessions(query: CallQuery & { readonly orderBy?: 'cost' | 'at'; readonly limit: number; readonly offset?: number }): Promise<SessionRow[]>
  /** All calls of a run and of the runs below it. */
  tree(query: { readonly scope: OrganizationScope; readonly runId: string; readonly atLeast: number; readonly limit: number }): Promise<{ runs: RunRow[]; calls: CallRow[] }>
  repeats(query: CallQuery & { readonly limit: number }): Promise<RepeatRow[]>
  /** A read-only SELECT over the published tables and views. */
  sql(query: { readonly scope: OrganizationScope; readonly text: string; readonly atLeast: number; readonly rowsMax: number; readonly msMax: number }): Promise<SqlResult>
  sums(): Promise<ProjectionSums>
  sumsBySeq(bucketSize: number): Promise<SumBucket[]>
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
