import { type Decimal, type Picos, picos } from '../../kernel/index.ts'
import { type CountedCharge, countedCharges } from './charges.ts'
import { type Portion, portionsOf } from './portions.ts'
import type { ExportRates } from './rates.ts'
import type { PostedCall } from './source.ts'

/**
 * One line of a call in an export. `usage`: a priced quantity. `stated`: a cost that the seller states and no rate explains. `difference`: what the
 * seller's statement and the rates differ by.
 */
export type BillItem = {
  readonly counted: CountedCharge
  readonly billed: Picos
  /** Where it was served, as the seller names it; null where nobody says. */
  readonly region: string | null
} & ({ readonly kind: 'usage'; readonly portion: Portion } | { readonly kind: 'stated' } | { readonly kind: 'difference' })

/** What a call is billed: its items add up to its cost in the ledger. Empty where nothing is known of its price. */
export function billOf(posted: PostedCall, rates: ExportRates): BillItem[] {
  return countedCharges(posted).flatMap((counted) => itemsOf(posted, counted, rates))
}

function itemsOf({ call }: PostedCall, counted: CountedCharge, rates: ExportRates): BillItem[] {
  const { charge, sign } = counted
  if (charge.amount === null) return []
  const region = call.usage.context.region ?? null
  const items: BillItem[] = portionsOf(call.usage, charge, rates).map((portion) => ({
    kind: 'usage',
    counted,
    region,
    portion,
    billed: picos(sign * portion.amount),
  }))
  const rest = charge.amount - charge.lines.reduce((total, line) => total + line.amount, 0n)
  if (rest === 0n) return items
  // The seller's word stands for what no rate is known for; where rates give the whole, it is a difference between two known amounts.
  const explained = charge.attested?.computed !== null && charge.attested?.computed !== undefined
  items.push({ kind: !explained && rest > 0n ? 'stated' : 'difference', counted, region, billed: picos(sign * rest) })
  return items
}

/** Dollars as an exact decimal. */
export function dollars(amount: Picos): Decimal {
  return { digits: amount, scale: 12 }
}
