import type { CallRow } from '../../calls/index.ts'
import { type Decimal, type Millis, type Picos, picos, type Span } from '../../kernel/index.ts'
import type { BillItem } from './bill.ts'
import type { Portion } from './portions.ts'
import { pricingQuantity } from './unit-price.ts'

/** Rows are by calendar day or hour of UTC, or by call; the charge period of a call is the hour that holds it. */
export type Granularity = 'day' | 'hour' | 'call'

/** Items of one charge period that one row stands for: equal in everything that a row says but quantities and costs. */
export interface Group {
  readonly period: Span
  /** The first call of it; all others are for the same. `callId`, run and session are said of a single call only. */
  readonly row: CallRow
  readonly item: BillItem
  readonly isSingleCall: boolean
  billed: Picos
  /** In units of the meter, whole. */
  quantity: bigint
  consumed: bigint
  /** Calls that it has a charge of; 0 for a correction, which adds no call. */
  requests: number
  /** By which a request is counted once, however many lines it has in a group. */
  lastSeq: number
}

/** Collects items until they are taken. */
export class Groups {
  readonly #granularity: Granularity
  #groups = new Map<string, Group>()

  constructor(granularity: Granularity) {
    this.#granularity = granularity
  }

  get size(): number {
    return this.#groups.size
  }

  add(period: Span, row: CallRow, items: readonly BillItem[]): void {
    for (const item of items) {
      const key = keyOf(this.#granularity, period.start, row, item)
      const group = this.#groups.get(key) ?? this.#opened(key, period, row, item)
      const { quantity, consumed } = quantitiesOf(item)
      group.billed = picos(group.billed + item.billed)
      group.quantity += quantity
      group.consumed += consumed
      if (item.counted.correctedIn === null && group.lastSeq !== row.seq) group.requests += 1
      group.lastSeq = row.seq
    }
  }

  /** What was collected, in the order in which it first came, but for corrections that correct nothing. Afterwards nothing is there. */
  take(): Group[] {
    const groups = [...this.#groups.values()]
    this.#groups = new Map()
    return groups.filter(({ item, billed, quantity }) => item.counted.correctedIn === null || billed !== 0n || quantity !== 0n)
  }

  #opened(key: string, period: Span, row: CallRow, item: BillItem): Group {
    const isSingleCall = this.#granularity === 'call'
    const group: Group = { period, row, item, isSingleCall, billed: picos(0n), quantity: 0n, consumed: 0n, requests: 0, lastSeq: 0 }
    this.#groups.set(key, group)
    return group
  }
}

function quantitiesOf({ kind, counted, ...item }: BillItem): { quantity: bigint; consumed: bigint } {
  const { sign } = counted
  if (kind === 'usage' && 'portion' in item) return { quantity: sign * item.portion.quantity, consumed: sign * item.portion.consumed }
  // A cost that the seller states is priced by the dollar, and what was used is one request.
  return { quantity: 0n, consumed: kind === 'stated' ? sign : 0n }
}

/** In pricing units; a cost that the seller states is its own quantity. */
export function pricedQuantityOf({ item, quantity, billed }: Group): Decimal | null {
  if (item.kind === 'usage') return pricingQuantity(quantity, item.portion.contracted.per)
  return item.kind === 'stated' ? { digits: billed, scale: 12 } : null
}

function keyOf(granularity: Granularity, start: Millis, row: CallRow, { kind, counted, region, ...item }: BillItem): string {
  return JSON.stringify([
    start,
    kind,
    row.organization,
    row.team,
    row.project,
    row.costCenter,
    row.agent,
    row.workflow,
    row.action,
    row.userId,
    row.keyId,
    row.seller,
    row.tier,
    region,
    Object.entries(row.tags),
    counted.status,
    counted.correctedIn,
    granularity === 'call' ? row.seq : 0,
    'portion' in item ? priceKey(item.portion) : row.model,
  ])
}

/** What a row says of a price. */
function priceKey({ line, contracted, list, listSource }: Portion): unknown[] {
  const { model, meter, cardId, rate, modifiers, currency } = line
  const prices = [contracted.unitPrice, list].map(({ digits, scale }) => `${digits}/${scale}`)
  return [model, meter, cardId, rate, modifiers, currency, contracted.per.toString(), contracted.exact, ...prices, listSource]
}
