import type { CallQuery } from '../../calls/index.ts'
import { assert, type Millis, type Picos, periodAt, picos, type Span } from '../../kernel/index.ts'
import { type BillItem, billOf } from './bill.ts'
import type { FocusRow } from './columns.ts'
import { type Granularity, type Group, Groups } from './group.ts'
import { type LeftOut, leaveOut, nothingLeftOut } from './left-out.ts'
import type { ExportRates } from './rates.ts'
import { type RowShape, rowOf } from './row.ts'
import { type ExportSources, type PostedCall, postedCalls } from './source.ts'

export interface FocusQuestion extends CallQuery, RowShape {
  readonly granularity: Granularity
}

/** What an export has read and written so far; complete when its last row has been read. */
export interface FocusTally {
  rows: number
  calls: number
  /** What its rows are billed together, and what the projection adds up to for the same question: equal to the pico. */
  billed: Picos
  projected: Picos
  /** Rows whose unit price does not end as a decimal and was rounded. */
  roundedPrices: number
  readonly confidence: Map<string, number>
  readonly leftOut: LeftOut
}

export interface FocusExport {
  /** May be read once. */
  readonly rows: AsyncIterable<FocusRow>
  readonly tally: Readonly<FocusTally>
}

/** So many groups are held at most; when there are more, those that are there become rows, and the same may come once more. */
const GROUPS_MAX = 20_000

export interface FocusLimits {
  readonly groupsMax?: number
  readonly stretchRowsMax?: number
  /** Waited for now and then, so that others go on while a long export is made. */
  readonly breathe?: () => Promise<void>
}

const CALLS_PER_BREATH = 200
const ROWS_PER_BREATH = 200

/**
 * The cost and usage of a question as rows of FOCUS: one per priced meter, charge period and everything else that rows say apart. Read from the
 * journal, whose lines say quantity, rate and amount; who and what a call is for is taken from the projection as it is today. Rows come by day,
 * as soon as a day has been read. Calls of which no price is known have no row (a cost of zero would be wrong) and are counted in the tally.
 */
export function focusExport(sources: ExportSources, rates: ExportRates, question: FocusQuestion, limits: FocusLimits = {}): FocusExport {
  const tally: FocusTally = {
    rows: 0,
    calls: 0,
    billed: picos(0n),
    projected: picos(0n),
    roundedPrices: 0,
    confidence: new Map(),
    leftOut: nothingLeftOut(),
  }
  return { tally, rows: rowsOf(sources, rates, question, limits, tally) }
}

async function* rowsOf(
  sources: ExportSources,
  rates: ExportRates,
  question: FocusQuestion,
  { groupsMax = GROUPS_MAX, stretchRowsMax, breathe }: FocusLimits,
  tally: FocusTally,
): AsyncGenerator<FocusRow> {
  const { granularity, version, subAccount, ...query } = question
  const groups = new Groups(granularity)
  let day: Millis | null = null
  for await (const stretch of postedCalls(sources, query, stretchRowsMax)) {
    const dayOfStretch = periodOf('day', stretch.span.start).start
    if (day !== null && dayOfStretch !== day) yield* written(groups.take(), { version, subAccount }, tally, breathe)
    day = dayOfStretch
    tally.projected = picos(tally.projected + stretch.projectedCost)
    for (const posted of stretch.calls) {
      count(posted, groups, granularity, rates, tally)
      if (tally.calls % CALLS_PER_BREATH === 0) await breathe?.()
      if (groups.size >= groupsMax) yield* written(groups.take(), { version, subAccount }, tally, breathe)
    }
  }
  yield* written(groups.take(), { version, subAccount }, tally, breathe)
}

function count(posted: PostedCall, groups: Groups, granularity: Granularity, rates: ExportRates, tally: FocusTally): void {
  const items = billOf(posted, rates)
  tally.calls += 1
  leaveOut(tally.leftOut, posted)
  const { status } = posted.row
  tally.confidence.set(status, (tally.confidence.get(status) ?? 0) + 1)
  tally.billed = items.reduce((sum: Picos, item) => picos(sum + item.billed), tally.billed)
  groups.add(periodOf(granularity === 'day' ? 'day' : 'hour', posted.call.at), posted.row, items)
}

function periodOf(unit: 'day' | 'hour', at: Millis): Span {
  const period = periodAt({ unit }, at, 'UTC')
  assert(period.ok, 'a call has a time within the calendar')
  return period.value
}

async function* written(
  groups: readonly Group[],
  shape: RowShape,
  tally: FocusTally,
  breathe: FocusLimits['breathe'],
): AsyncGenerator<FocusRow> {
  for (const group of groups) {
    tally.rows += 1
    if (!isExact(group.item)) tally.roundedPrices += 1
    yield rowOf(group, shape)
    if (tally.rows % ROWS_PER_BREATH === 0) await breathe?.()
  }
}

function isExact(item: BillItem): boolean {
  return item.kind !== 'usage' || item.portion.contracted.exact
}
