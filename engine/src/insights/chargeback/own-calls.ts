import { type CallQuery, type CallStore, type Dimension, type Measures, sumMeasures } from '../../calls/index.ts'
import { bounds, holdsFor, stretches } from './chargeback.ts'
import type { AllocationRule } from './rule.ts'
import { isSharedBy } from './share.ts'

export interface OwnCallsQuestion extends CallQuery {
  /** Whose calls: one value of a dimension. */
  readonly dimension: Dimension
  readonly value: string
  /** What they are listed by. */
  readonly by: Dimension
  readonly rules: readonly AllocationRule[]
}

/** The calls that a value of a dimension bears by itself, without those that a rule shares: the sums by another dimension add up to its direct cost in a chargeback. */
export async function ownCalls(
  store: CallStore,
  question: OwnCallsQuestion,
): Promise<{ readonly value: string | null; readonly sums: Measures }[]> {
  const { dimension, value, by, rules, ...query } = question
  const concerned = rules.filter((rule) => rule.dimension === dimension)
  const parts = new Map<string | null, Measures[]>()
  for (const stretch of stretches(query, concerned)) {
    const held = concerned.filter((rule) => holdsFor(rule, stretch))
    const dimensions = [...new Set([by, dimension, ...held.flatMap(({ shared }) => shared.map((filter) => filter.dimension))])]
    const where = [...(query.where ?? []), { dimension, in: [value] }]
    for (const row of await store.aggregate({ ...query, ...bounds(stretch), where, groupBy: dimensions })) {
      if (held.some((rule) => isSharedBy(rule, row, dimensions))) continue
      const key = row.keys[0] ?? null
      parts.set(key, [...(parts.get(key) ?? []), row])
    }
  }
  return [...parts]
    .map(([key, sums]) => ({ value: key, sums: sumMeasures(sums) }))
    .sort((a, b) => (a.sums.cost === b.sums.cost ? ((a.value ?? '') < (b.value ?? '') ? -1 : 1) : a.sums.cost > b.sums.cost ? -1 : 1))
}
