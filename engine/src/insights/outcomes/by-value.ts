import {
  type CallQuery,
  type CallStore,
  type Dimension,
  type Measures,
  QueryFault,
  subtractMeasures,
  sumMeasures,
} from '../../calls/index.ts'
import { addUse, type SoldModel, type WeekUse, weekAt } from './week-use.ts'

const VALUES_MAX = 500_000

/** Counts each value of a dimension as one outcome of every week in which it has calls, with the cost of that week. Gives the sums of calls that do not say. */
export async function addValues(
  store: CallStore,
  query: CallQuery,
  dimension: Dimension,
  zone: string,
  weeks: readonly WeekUse[],
): Promise<Measures> {
  const bucket = { period: 'week', zone } as const
  const silent = { ...query, where: [...(query.where ?? []), { dimension, in: [null] }] }
  const groupBy = ['organization', 'seller', 'model'] as const
  const [values, all, unsaid] = await Promise.all([
    store.aggregate({ ...query, groupBy: ['organization', dimension], bucket, limit: VALUES_MAX + 1 }),
    store.aggregate({ ...query, groupBy, bucket }),
    store.aggregate({ ...silent, groupBy, bucket }),
  ])
  if (values.length > VALUES_MAX) {
    throw new QueryFault('query_limit', `${dimension} has more than ${VALUES_MAX} values in these weeks: ask about fewer weeks`)
  }
  for (const { keys, bucketStart, calls } of values) {
    const week = bucketStart === undefined || keys[1] === null || calls === 0 ? undefined : weekAt(weeks, bucketStart)
    if (week === undefined) continue
    week.outcomes += 1
    week.attempts += 1
  }
  const silently = new Map(unsaid.map((row) => [JSON.stringify([row.bucketStart, row.keys]), row]))
  for (const row of all) {
    const week = row.bucketStart === undefined ? undefined : weekAt(weeks, row.bucketStart)
    const without = silently.get(JSON.stringify([row.bucketStart, row.keys]))
    const said = without === undefined ? row : subtractMeasures(row, without)
    const [organization = null, seller = null, model = null] = row.keys
    const sold: SoldModel = { organization, seller, model }
    if (week !== undefined && (said.calls > 0 || said.cost !== 0n)) addUse(week, sold, said)
  }
  return sumMeasures(unsaid)
}
