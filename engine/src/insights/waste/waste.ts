import {
  type CallQuery,
  type CallStore,
  type FactQuery,
  type FactSums,
  knownCost,
  type Measures,
  type PriceableCall,
} from '../../calls/index.ts'
import { type Millis, type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import { totalOf } from '../breakdown.ts'
import { ratio } from '../cache/write-share.ts'
import { DECLARED_ONLY, type Found, WASTE_RULES } from './categories.ts'
import { type ColdStartQuestion, type ColdStarts, coldStarts } from './cold-starts.ts'

/** One way in which waste of a category was found. */
export interface WasteFinding {
  readonly how: Found
  readonly rule: string
  readonly calls: number
  readonly unpriced: number
  /** What the calls have cost; of a cold start what the cache has cost. Null: no price is known of any of them. */
  readonly amount: Picos | null
  /** Calls that were looked at, where it was not all of them. */
  readonly examined: number | null
  /** Some of the calls, dearest first. */
  readonly callIds: readonly string[]
}

export interface WasteCategory {
  readonly category: string
  readonly calls: number
  readonly unpriced: number
  readonly amount: Picos | null
  /** Of all that was spent; null when no cost is known. A ratio, for reading. */
  readonly share: number | null
  readonly found: readonly WasteFinding[]
}

export interface WasteReport {
  readonly total: Measures
  /** Dearest first; those of no known amount last. Each call is in one category. */
  readonly categories: readonly WasteCategory[]
  /** The sum of the known amounts; null when there are calls and no cost is known of any. */
  readonly wasted: Picos | null
  readonly share: number | null
  readonly declaredOnly: typeof DECLARED_ONLY
  readonly missing: readonly string[]
}

const EXAMPLES_MAX = 20
/** Calls looked at one by one: for cold starts, and for what they do not say. */
const EXAMINE_MAX = 2_000

/** What was spent for nothing, by category, with how it was found. The amounts are sums of posted costs, each call in one of them. */
export async function findWaste(store: CallStore, question: ColdStartQuestion): Promise<WasteReport> {
  const { readExact: _, price: _price, examineMax = EXAMINE_MAX, ...query } = question
  const lately = store.lastPosted({ ...query, limit: examineMax })
  const [total, sums, calls, cold] = await Promise.all([
    totalOf(store, query),
    store.facts({ ...query, facts: WASTE_RULES.map(({ fact }) => fact), examplesMax: EXAMPLES_MAX }),
    lately,
    lately.then((examined) => coldStarts(store, question, examined)),
  ])
  const findings = [...sums.flatMap(findingOf), ...coldFinding(cold)]
  const categories = [...new Set(findings.map(({ category }) => category))]
    .map((category) => categoryOf(category, findings, total.cost))
    .sort(byAmount)
  const known = categories.flatMap(({ amount }) => (amount === null ? [] : [amount]))
  const wasted = knownCost(total) === null ? null : sumPicos(known)
  return {
    total,
    categories,
    wasted,
    share: wasted === null ? null : shareOf(wasted, total.cost),
    declaredOnly: DECLARED_ONLY.filter(({ category }) => !categories.some((found) => found.category === category)),
    missing: missingOf(calls, total),
  }
}

/** What was wasted in each bucket by category, without cold starts: these are found among single calls. By the start of the bucket. */
export async function wasteByBucket(
  store: CallStore,
  query: CallQuery,
  bucket: NonNullable<FactQuery['bucket']>,
): Promise<ReadonlyMap<Millis, ReadonlyMap<string, Picos>>> {
  const sums = await store.facts({ ...query, facts: WASTE_RULES.map(({ fact }) => fact), bucket })
  const wasted = new Map<Millis, Map<string, Picos>>()
  for (const { bucketStart, fact, value, cost } of sums) {
    const category = WASTE_RULES[fact]?.categoryOf(value) ?? null
    if (bucketStart === undefined || category === null) continue
    const categories = wasted.get(bucketStart) ?? new Map<string, Picos>()
    wasted.set(bucketStart, categories.set(category, sumPicos([categories.get(category) ?? ZERO, cost])))
  }
  return wasted
}

type Categorised = WasteFinding & { readonly category: string }

function findingOf(sum: FactSums): Categorised[] {
  const rule = WASTE_RULES[sum.fact]
  const category = rule?.categoryOf(sum.value) ?? null
  if (rule === undefined || category === null || sum.calls === 0) return []
  return [
    {
      category,
      how: rule.how,
      rule: rule.rule,
      calls: sum.calls,
      unpriced: sum.unpriced,
      amount: knownCost(sum),
      examined: null,
      callIds: sum.examples.map(({ callId }) => callId),
    },
  ]
}

function coldFinding({ calls, priced, amount, examined, callIds }: ColdStarts): Categorised[] {
  if (calls === 0) return []
  const rule = 'it wrote to a cache that no call of its agent and model has read while it lived; the dearer price of writing is counted'
  return [{ category: 'cold_start', how: 'detected', rule, calls, unpriced: calls - priced, amount, examined, callIds }]
}

function categoryOf(category: string, all: readonly Categorised[], totalCost: Picos): WasteCategory {
  const found = all.filter((finding) => finding.category === category).map(({ category: _, ...finding }) => finding)
  const known = found.flatMap(({ amount }) => (amount === null ? [] : [amount]))
  const amount = known.length === 0 ? null : sumPicos(known)
  return {
    category,
    calls: found.reduce((sum, { calls }) => sum + calls, 0),
    unpriced: found.reduce((sum, { unpriced }) => sum + unpriced, 0),
    amount,
    share: amount === null ? null : shareOf(amount, totalCost),
    found,
  }
}

/** Corrections may have made costs negative: then a share says nothing. */
function shareOf(amount: Picos, total: Picos): number | null {
  return total > ZERO && amount >= ZERO && amount <= total ? ratio(amount, total) : null
}

function byAmount(left: WasteCategory, right: WasteCategory): number {
  const [one, other] = [left.amount ?? picos(-1n), right.amount ?? picos(-1n)]
  if (one === other) return left.category < right.category ? -1 : 1
  return one > other ? -1 : 1
}

/** What the calls posted last do not say, so that nothing could be found. */
function missingOf(calls: readonly PriceableCall[], total: Measures): string[] {
  if (total.calls === 0) return ['No calls in this period: there is nothing to say.']
  const missing: string[] = []
  if (total.unpriced > 0)
    missing.push(`${total.unpriced} of ${total.calls} calls have no known price, and no amount here holds them; set their rates.`)
  const without = calls.filter((call) => call.fingerprint === null).length
  const outside = calls.filter((call) => call.runId === null).length
  if (without > 0)
    missing.push(
      `${without} of the last ${calls.length} calls have no fingerprint: retries and duplicates among them are not seen; send prompt_fingerprint.`,
    )
  if (outside > 0)
    missing.push(
      `${outside} of the last ${calls.length} calls are of no run: what failed runs have cost does not hold them; send workflow_id.`,
    )
  return missing
}
