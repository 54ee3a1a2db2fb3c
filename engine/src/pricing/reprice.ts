import type { Millis, Picos } from '../kernel/index.ts'
import { picos } from '../kernel/index.ts'
import type { Usage } from '../usage/index.ts'
import type { CardBook } from './book/book.ts'
import { type PriceOptions, price } from './charge/price.ts'
import type { Charge } from './records.ts'

/** What re-pricing found. It is posted as an adjustment of `difference`; the charge that was posted stays as it is. */
export interface Repricing {
  readonly charge: Charge
  /** New amount minus what was posted, USD (an unpriced charge posted nothing); null while the new amount is not known. */
  readonly difference: Picos | null
  /** Whether amount, status or lines differ at all; false means that nothing needs to be posted. */
  readonly changed: boolean
}

/** Prices a usage again by what is known at `knownAt`. Usage time, and so the valid rates, stay those of the call. Nothing is updated. */
export function reprice(
  posted: Charge,
  usage: Usage,
  book: CardBook,
  knownAt: Millis,
  options: Omit<PriceOptions, 'knownAt'> = {},
): Repricing {
  const charge = price(usage, book, { ...options, knownAt })
  const difference = charge.amount === null ? null : picos(charge.amount - (posted.amount ?? 0n))
  const changed = charge.amount !== posted.amount || charge.status !== posted.status || !sameLines(charge, posted)
  return { charge, difference, changed }
}

function sameLines(a: Charge, b: Charge): boolean {
  if (a.lines.length !== b.lines.length) return false
  return a.lines.every((line, index) => {
    const other = b.lines[index]
    return (
      other !== undefined &&
      line.meter === other.meter &&
      line.amount === other.amount &&
      line.cardId === other.cardId &&
      line.rate === other.rate
    )
  })
}
