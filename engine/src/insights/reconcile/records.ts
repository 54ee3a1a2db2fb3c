import type { CallQuery } from '../../calls/index.ts'
import type { Millis, Picos, Span } from '../../kernel/index.ts'
import type { CostReport, ReportSeller } from '../../usage/index.ts'

/** Which of a report's lines are meant; an empty list means all. */
export interface ReportFilter {
  readonly projects: readonly string[]
  /** `default` is the workspace that has no id. */
  readonly workspaces: readonly string[]
  readonly apiKeys: readonly string[]
}

export interface ReconcileQuestion extends CallQuery {
  readonly report: CostReport
  readonly filter: ReportFilter
  /** A line agrees when both amounts lie at most so far apart. */
  readonly tolerance: Picos
  readonly now: Millis
  /** How many ids of calls are told of each line. */
  readonly callIdsMax: number
}

export const LINE_STATUSES = ['matched', 'drift', 'ours_only', 'theirs_only'] as const
export type LineStatus = (typeof LINE_STATUSES)[number]

export const REASON_CODES = [
  'day_not_final',
  'currency_not_known',
  'unpriced_calls',
  'unmetered_calls',
  'named_otherwise',
  'near_midnight',
  'tier_differs',
  'prices_differ',
  'quantities_differ',
  'estimated_calls',
  'stated_by_seller',
  'several_keys',
  'failed_calls',
  'not_in_cost_report',
  'fee_not_metered',
  'line_not_understood',
  'calls_not_metered',
  'calls_not_billed',
] as const
export type ReasonCode = (typeof REASON_CODES)[number]

/** What probably is behind a difference: a reading of the figures, not a proof. */
export interface Reason {
  readonly code: ReasonCode
  readonly detail: string
  /** The calls that the reason is about, where those are some of the line's. */
  readonly callIds?: readonly string[]
}

/** What is posted here for one day, model and meter. */
export interface OurSide {
  /** With its corrections; null where no price of it is known. */
  readonly amount: Picos | null
  /** Null where none is known. */
  readonly quantity: bigint | null
  readonly calls: number
  readonly callIds: readonly string[]
  /** Calls of which the amount does not hold all. */
  readonly unpricedCalls: number
}

/** What the provider says for the same. */
export interface TheirSide {
  /** Null where the report counts only, or where no rate of its currency is known. */
  readonly amount: Picos | null
  readonly quantity: bigint | null
  /** Requests, where a report of usage counts them. */
  readonly requests: number | null
  /** The lines as the provider names them. */
  readonly names: readonly string[]
}

export interface ReconciledLine {
  /** When the day of UTC begins. */
  readonly day: Millis
  /** By the name of the catalog; null where the line is about no single model. */
  readonly model: string | null
  /** The meter that both sides can be compared by; null for all of a day, and for what the provider's line does not say. */
  readonly meter: string | null
  readonly status: LineStatus
  readonly withinTolerance: boolean
  readonly ours: OurSide | null
  readonly theirs: TheirSide | null
  /** Theirs less ours; null where either amount is not known. */
  readonly difference: Picos | null
  readonly reasons: readonly Reason[]
}

export const REMARK_CODES = [
  'pages_missing',
  'buckets_repeated',
  'days_not_final',
  'several_projects',
  'several_workspaces',
  'several_api_keys',
  'not_itemized',
  'quantities_only',
  'usage_not_compared',
  'currency_converted',
] as const

/** Something about the whole that a reader should know. */
export interface Remark {
  readonly code: (typeof REMARK_CODES)[number]
  readonly detail: string
}

/** Sums over all lines. */
export interface ReconciliationTotals {
  /** Of what has a known price. */
  readonly ours: Picos
  /** Lines of ours that hold calls without a known price. */
  readonly ourUnknownLines: number
  /** Null where the report has no amounts. */
  readonly theirs: Picos | null
  /** Lines of theirs whose currency has no rate. */
  readonly theirUnknownLines: number
  readonly lines: Readonly<Record<LineStatus, number>>
  /** Lines that are not matched and lie within the tolerance all the same. */
  readonly withinTolerance: number
}

export interface Reconciliation {
  readonly seller: ReportSeller
  /** What amounts or, where the report has none, quantities were compared. */
  readonly compared: 'amounts' | 'quantities'
  /** The time that was compared: what the report speaks of, within the time asked about. */
  readonly covered: readonly Span[]
  readonly lines: readonly ReconciledLine[]
  readonly totals: ReconciliationTotals
  /** Every line is matched or within the tolerance, and no page is missing. */
  readonly reconciled: boolean
  readonly remarks: readonly Remark[]
}
