import type { CallStore } from '../../calls/index.ts'
import { bucketLabel } from '../report/csv.ts'
import { wasteByBucket } from '../waste/waste.ts'
import type { DaysQuestion } from './measured-days.ts'
import type { Amounts } from './records.ts'

/** What the calls of each local day show of waste, by date and category. Cold starts are found among single calls and belong to no day. */
export async function wasteByDay(store: CallStore, { zone, ...query }: DaysQuestion): Promise<ReadonlyMap<string, Amounts>> {
  const days = await wasteByBucket(store, query, { period: 'day', zone })
  return new Map([...days].map(([start, categories]) => [bucketLabel(start, 'day', zone), categories]))
}
