import type { Decimal, Span } from '../../kernel/index.ts'
import type { Meter, ServiceTier } from '../usage.ts'

/** Who answers what an organization has cost by an API of its own that is read here. */
export const REPORT_SELLERS = ['openai', 'anthropic'] as const
export type ReportSeller = (typeof REPORT_SELLERS)[number]

/** `cost`: amounts, as they are invoiced. `usage`: counters, without amounts. */
export type ReportKind = 'cost' | 'usage'

/** One line of a provider's own report: what it says of one bucket of time, model and meter. */
export interface ReportedLine {
  readonly kind: ReportKind
  /** Within one day of UTC. */
  readonly span: Span
  /** As the provider writes it: a line item, a description, a counter; null where it stands for all of the bucket. */
  readonly name: string | null
  /** As the provider names it; null where the line is about none. */
  readonly model: string | null
  /** Null where the name is not understood, or stands for all. */
  readonly meter: Meter | null
  readonly tier: ServiceTier | null
  readonly project: string | null
  readonly workspace: string | null
  readonly apiKey: string | null
  /** In whole units of the currency; negative for a credit; null in a report of usage. */
  readonly amount: Decimal | null
  /** ISO 4217, in capitals. */
  readonly currency: string | null
  /** In units of the meter; null where the report does not say. */
  readonly quantity: bigint | null
  readonly requests: number | null
}

/** A report of one provider, from all of its pages. */
export interface CostReport {
  readonly seller: ReportSeller
  readonly lines: readonly ReportedLine[]
  /** The time that each kind of report speaks of: spans in order, which neither overlap nor touch. A bucket without a line was empty. */
  readonly covered: Readonly<Record<ReportKind, readonly Span[]>>
  /** Whether amounts are told apart by line; false: a total for each bucket. */
  readonly isItemized: boolean
  /** Pages that say that more follow, of which the next is not there. */
  readonly cutPages: number
  /** Buckets that came again with the same content, and were counted once. */
  readonly repeatedBuckets: number
}
