import type { Measures } from '../../calls/index.ts'
import type { Picos } from '../../kernel/index.ts'

/** Amounts by name. */
export type Amounts = ReadonlyMap<string, Picos>

/** What somebody says that a day has cost, added up. */
export interface DailyReport {
  /** The local date, `2026-02-28`. */
  readonly date: string
  /** Who says so, where several do for one organization; null: the one that needs no name. */
  readonly source: string | null
  readonly cost: Picos
  readonly tokens: number
  readonly requests: number
  /** Each null where it is not said. */
  readonly costByModel: Amounts | null
  readonly costByAction: Amounts | null
  readonly waste: Amounts | null
  /** Self-assessed, 0 to 100. */
  readonly score: number | null
}

/** What the calls of a day come to by one dimension. `lines + unattributed + others` is their cost. */
export interface MeasuredLines {
  /** Null: calls, and the price of none of them is known. */
  readonly lines: ReadonlyMap<string, Picos | null>
  readonly unattributed: Picos
  /** Names for which there was no room. */
  readonly others: Picos
}

/** What the calls of a day come to. */
export interface MeasuredDay {
  readonly date: string
  readonly sums: Measures
  readonly byModel: MeasuredLines
  readonly byAction: MeasuredLines
}

/** What calls measured, what reports say, and what both come to without counting anything twice. */
export interface Compared<T> {
  /** What calls measured and `reportedOnly`. Null: not known. */
  readonly total: T | null
  /** Null where there were no calls, or nothing of them is known. */
  readonly measured: T | null
  /** Null without a report. */
  readonly reported: T | null
  /** What reports say beyond the calls. Never below zero. */
  readonly reportedOnly: T
  /** Reported less measured; null where one of them is. */
  readonly variance: T | null
}

/** `lines + unattributed + reportedOnly + others` is the cost of the day, exactly; a line that is null adds nothing. */
export interface ReconciledLines extends MeasuredLines {
  /** What reports say beyond the calls and no line of them names; below zero where the lines of a report were rounded up. */
  readonly reportedOnly: Picos
}

/** What was spent for nothing, by category. */
export interface DailyWaste {
  /** Of each category the larger: calls and reports tell of the same money, sometimes under two names, so that categories are no sum. */
  readonly categories: Amounts
  /** Declared with calls, or detected in them. */
  readonly measured: Amounts
  /** Declared by reports. */
  readonly reported: Amounts
}

export interface ReconciledDay {
  readonly date: string
  /** What there is of the day; `none`: neither calls nor a report. */
  readonly source: 'calls' | 'report' | 'both' | 'none'
  readonly cost: Compared<Picos>
  readonly tokens: Compared<number>
  readonly requests: Compared<number>
  readonly unpriced: number
  readonly unmetered: number
  readonly byModel: ReconciledLines
  readonly byAction: ReconciledLines
  readonly waste: DailyWaste
  /** As reports assess themselves; of several the mean, weighted by their requests. */
  readonly selfAssessed: number | null
  readonly reports: number
}
