import type { Millis } from '../../kernel/index.ts'
import { dimensionOf } from '../dimensions.ts'
import type { CallQuery } from '../ports.ts'
import type { CallRow, Measures, RunRow, SessionRow } from '../records.ts'

/** What is recorded of a run or session itself; its sums are always computed from the calls. */
export type RunFacts = Omit<RunRow, keyof Measures | 'firstCallAt' | 'lastCallAt' | 'durationKnown'> & DurationFact
export type SessionFacts = Omit<SessionRow, keyof Measures | 'firstCallAt' | 'lastCallAt' | 'durationKnown' | 'runs'> & DurationFact

/** Absent: known. */
interface DurationFact {
  readonly durationKnown?: boolean
}

export interface ReferenceData {
  readonly calls: readonly CallRow[]
  readonly runs?: readonly RunFacts[]
  readonly sessions?: readonly SessionFacts[]
}

/** Rows that a question is about. */
export function matching(calls: readonly CallRow[], query: CallQuery): CallRow[] {
  return calls.filter(
    (row) =>
      isInScope(row.organization, query.scope) &&
      isWithin(row.at, query) &&
      (query.where ?? []).every((filter) => filter.in.includes(dimensionOf(row, filter.dimension))),
  )
}

export function isWithin(at: Millis, query: Pick<CallQuery, 'from' | 'to'>): boolean {
  return (query.from === undefined || at >= query.from) && (query.to === undefined || at < query.to)
}

export function isInScope(organization: string, scope: CallQuery['scope']): boolean {
  return 'allOrganizations' in scope || organization === scope.organization
}

export function compare<T extends bigint | number | string>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** By code units, null last. */
export function compareText(left: string | null, right: string | null): number {
  if (left === null || right === null) return compare(Number(left === null), Number(right === null))
  return compare(left, right)
}
