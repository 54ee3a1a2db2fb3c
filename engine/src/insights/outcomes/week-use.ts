import { addMeasures, type Measures, ZERO_MEASURES } from '../../calls/index.ts'
import type { Millis, Span } from '../../kernel/index.ts'

/** A model of a seller that an organization called, as a name and taken apart. */
export interface SoldModel {
  readonly organization: string | null
  readonly seller: string | null
  readonly model: string | null
}

/** What the outcomes of one week took. */
export interface WeekUse {
  readonly span: Span
  outcomes: number
  /** Runs that were begun in it; for other outcomes the same as `outcomes`. */
  attempts: number
  failed: number
  /** Not ended, as far as we were told. */
  running: number
  sums: Measures
  readonly models: Map<string, { readonly sold: SoldModel; sums: Measures }>
}

export function emptyWeek(span: Span): WeekUse {
  return { span, outcomes: 0, attempts: 0, failed: 0, running: 0, sums: ZERO_MEASURES, models: new Map() }
}

export function addUse(week: WeekUse, sold: SoldModel, sums: Measures): void {
  const name = JSON.stringify([sold.organization, sold.seller, sold.model])
  const known = week.models.get(name)
  week.models.set(name, { sold, sums: addMeasures(known?.sums ?? ZERO_MEASURES, sums) })
  week.sums = addMeasures(week.sums, sums)
}

/** The week that a time lies in; undefined outside of all. */
export function weekAt(weeks: readonly WeekUse[], at: Millis): WeekUse | undefined {
  return weeks.find(({ span }) => at >= span.start && at < span.end)
}
