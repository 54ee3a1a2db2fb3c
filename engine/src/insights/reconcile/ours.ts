import type { CallQuery } from '../../calls/index.ts'
import { type Millis, type Picos, picos, type Span } from '../../kernel/index.ts'
import type { Charge } from '../../pricing/index.ts'
import { isCovered, type Meter, type ReportSeller } from '../../usage/index.ts'
import { type ExportSources, type PostedCall, postedCalls } from '../focus/source.ts'
import { comparedMeter, isFee, plainMeter } from './compared-meter.ts'
import type { Identity } from './identity.ts'
import { dayOf, keyText, type LineKey, nextDay } from './key.ts'

/** Calls so close to the end of a day may be of the other day on the provider's clock, which reads when they end or are billed. */
const NEAR_MIDNIGHT_MS = 600_000

/** Some of a line's calls. */
export interface SomeCalls {
  calls: number
  readonly callIds: string[]
}

/** What is posted for a day, model and meter, as it is added up. */
export interface OurCell extends SomeCalls {
  readonly key: LineKey
  /** Of what has a known price; null where nothing of it has. */
  amount: Picos | null
  /** Calls of which something here has no known price. */
  unpricedCalls: number
  quantity: bigint
  readonly tiers: Set<string>
  estimatedCalls: number
  failedCalls: number
  /** In the first and the last minutes of the day. */
  readonly early: SomeCalls
  readonly late: SomeCalls
  /** By which a call is counted once, however many lines it has here. */
  lastSeq: number
  lastUnpricedSeq: number
}

export interface OurCells {
  readonly cells: Map<string, OurCell>
  /** Calls that nobody metered, so that they are in no cell, by day and model. */
  readonly unmetered: Map<string, SomeCalls>
}

export interface OurQuestion extends CallQuery {
  readonly seller: ReportSeller
  readonly covered: readonly Span[]
  /** `meter`: by model and meter. `quantity`: the same over all models. `day`: one cell a day. */
  readonly detail: 'meter' | 'quantity' | 'day'
  readonly callIdsMax: number
  /** Whether the provider's report has a line of this. */
  readonly isReported: (key: LineKey) => boolean
}

const CALLS_PER_BREATH = 200

/** The cost that is posted, with its corrections, by the day of the call, the model that served and the meter. Read from the lines of the journal. */
export async function ourCells(
  sources: ExportSources,
  question: OurQuestion,
  identity: Identity,
  breathe: () => Promise<void>,
): Promise<OurCells> {
  const { seller, covered, detail: _detail, callIdsMax: _callIdsMax, isReported: _isReported, ...query } = question
  const found: OurCells = { cells: new Map(), unmetered: new Map() }
  const asked = { ...query, where: [...(query.where ?? []), { dimension: 'seller' as const, in: [seller] }] }
  let read = 0
  for await (const stretch of postedCalls(sources, asked)) {
    for (const posted of stretch.calls) {
      if (isCovered(covered, posted.call.at)) add(found, posted, question, identity)
      read += 1
      if (read % CALLS_PER_BREATH === 0) await breathe()
    }
  }
  return found
}

function add(found: OurCells, posted: PostedCall, question: OurQuestion, identity: Identity): void {
  const { call } = posted
  const day = dayOf(call.at)
  const charge = chargeOf(posted)
  const served = identity(call.usage.modelServed ?? call.usage.modelRequested ?? '', call.at)
  if (charge.amount === null && charge.unpriced.length === 0) noteUnmetered(found, posted, day, served, question)
  else if (question.detail === 'day') {
    const cell = cellAt(found, { day, model: null, meter: null, name: null }, posted, charge, question)
    if (charge.amount !== null) addAmount(cell, charge.amount)
    if (charge.unpriced.length > 0) cell.unpricedCalls += 1
  } else addLines(found, posted, charge, { day, served, question, identity })
}

/** A call's charge as it stands today. */
function chargeOf({ call, adjustments }: PostedCall): Charge {
  const newest = adjustments.at(-1)?.event
  return newest?.kind === 'adjustment' ? newest.adjustment.charge : call.charge
}

interface Place {
  readonly day: Millis
  readonly served: string
  readonly question: OurQuestion
  readonly identity: Identity
}

function addLines(found: OurCells, posted: PostedCall, charge: Charge, { day, served, question, identity }: Place): void {
  const { seller, detail, isReported } = question
  const keyOf = (model: string, of: Meter): LineKey => {
    const meter = comparedMeter(seller, of)
    const isAbout = detail === 'meter' && !isFee(meter)
    const key: LineKey = { day, model: isAbout ? identity(model, posted.call.at) : null, meter, name: null }
    const plain = { ...key, meter: plainMeter(meter) }
    return plain.meter !== null && !isReported(key) && isReported(plain) ? plain : key
  }
  for (const line of charge.lines) {
    const cell = cellAt(found, keyOf(line.model, line.meter), posted, charge, question)
    addAmount(cell, line.amount)
    cell.quantity += BigInt(line.quantity)
  }
  for (const { model, meter, quantity } of charge.unpriced) {
    const cell = cellAt(found, keyOf(model, meter), posted, charge, question)
    if (cell.lastUnpricedSeq !== posted.row.seq) cell.unpricedCalls += 1
    cell.lastUnpricedSeq = posted.row.seq
    cell.quantity += BigInt(quantity ?? 0)
  }
  const rest = charge.amount === null ? 0n : charge.amount - charge.lines.reduce((sum, { amount }) => sum + amount, 0n)
  if (rest === 0n) return
  const cell = cellAt(found, { day, model: detail === 'meter' ? served : null, meter: null, name: null }, posted, charge, question)
  addAmount(cell, picos(rest))
}

function addAmount(cell: OurCell, amount: Picos): void {
  cell.amount = picos((cell.amount ?? 0n) + amount)
}

function cellAt({ cells }: OurCells, key: LineKey, posted: PostedCall, charge: Charge, { callIdsMax }: OurQuestion): OurCell {
  const text = keyText(key)
  const cell = cells.get(text) ?? emptyCell(key)
  cells.set(text, cell)
  if (cell.lastSeq === posted.row.seq) return cell
  const { call } = posted
  cell.lastSeq = posted.row.seq
  count(cell, call.id, callIdsMax)
  cell.tiers.add(call.usage.context.tier ?? 'standard')
  if (charge.status === 'estimated' || charge.status === 'ambiguous') cell.estimatedCalls += 1
  if (!call.success) cell.failedCalls += 1
  if (call.at - key.day < NEAR_MIDNIGHT_MS) count(cell.early, call.id, callIdsMax)
  if (nextDay(key.day) - call.at <= NEAR_MIDNIGHT_MS) count(cell.late, call.id, callIdsMax)
  return cell
}

function emptyCell(key: LineKey): OurCell {
  return {
    key,
    amount: null,
    unpricedCalls: 0,
    quantity: 0n,
    tiers: new Set(),
    estimatedCalls: 0,
    failedCalls: 0,
    early: { calls: 0, callIds: [] },
    late: { calls: 0, callIds: [] },
    calls: 0,
    callIds: [],
    lastSeq: 0,
    lastUnpricedSeq: 0,
  }
}

function count(some: SomeCalls, id: string, idsMax: number): void {
  some.calls += 1
  if (some.callIds.length < idsMax) some.callIds.push(id)
}

function noteUnmetered({ unmetered }: OurCells, { call }: PostedCall, day: Millis, model: string, { callIdsMax }: OurQuestion): void {
  const key = unmeteredKey(day, model)
  const some = unmetered.get(key) ?? { calls: 0, callIds: [] }
  unmetered.set(key, some)
  count(some, call.id, callIdsMax)
}

export function unmeteredKey(day: Millis, model: string | null): string {
  return JSON.stringify([day, model])
}
