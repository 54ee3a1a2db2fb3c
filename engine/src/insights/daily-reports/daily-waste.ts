import type { CallStore } from '../../calls/index.ts'
import { assert, type Picos, picos, ZERO } from '../../kernel/index.ts'
import { bucketLabel } from '../report/csv.ts'
import { WASTE_RULES } from '../waste/categories.ts'
import type { DaysQuestion } from './measured-days.ts'
import type { Amounts } from './records.ts'

/**
 * What was wasted on each local day, by date and category, by the rules that count whole calls: each call in one of them. Cold starts are found among
 * single calls and belong to no day here.
 */
export async function wasteByDay(store: CallStore, { zone, ...query }: DaysQuestion): Promise<ReadonlyMap<string, Amounts>> {
  const facts = WASTE_RULES.map(({ fact }) => fact)
  const days = new Map<string, Map<string, Picos>>()
  for (const { fact, value, cost, bucketStart } of await store.facts({ ...query, facts, bucket: { period: 'day', zone } })) {
    assert(bucketStart !== undefined, 'a bucketed sum says which bucket it is of')
    const category = WASTE_RULES[fact]?.categoryOf(value) ?? null
    if (category === null || cost <= ZERO) continue
    const date = bucketLabel(bucketStart, 'day', zone)
    const amounts = days.get(date) ?? new Map<string, Picos>()
    amounts.set(category, picos((amounts.get(category) ?? ZERO) + cost))
    days.set(date, amounts)
  }
  return days
}
