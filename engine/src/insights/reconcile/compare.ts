import { type Picos, picos } from '../../kernel/index.ts'
import type { OurCell } from './ours.ts'
import type { LineStatus } from './records.ts'
import { quantityOf, type TheirCell } from './theirs.ts'

/** Both sides of a line, and how they lie to each other. */
export interface Compared {
  readonly ours: OurCell | null
  readonly theirs: TheirCell | null
  /** In amounts; null where a side has none that is known. */
  readonly ourAmount: Picos | null
  readonly theirAmount: Picos | null
  readonly ourQuantity: bigint | null
  readonly theirQuantity: bigint | null
  readonly difference: Picos | null
  readonly status: LineStatus
  readonly withinTolerance: boolean
}

export interface Terms {
  readonly tolerance: Picos
  /** Amounts are compared where the report has them, else quantities, which must be equal. */
  readonly compared: 'amounts' | 'quantities'
}

/**
 * A line agrees when the amounts of both sides lie no further apart than the tolerance. A side that says nothing, or zero, is not there: the
 * line is the other's only. What is not known agrees with nothing.
 */
export function compare(ours: OurCell | null, theirs: TheirCell | null, terms: Terms): Compared {
  const isInAmounts = terms.compared === 'amounts'
  const ourAmount = ours === null ? null : amountOfOurs(ours)
  // The report speaks of the whole day: what it does not list was not billed.
  const theirAmount = theirs === null || theirs.unknownCurrencies.size > 0 ? null : (theirs.amount ?? (isInAmounts ? picos(0n) : null))
  const ourQuantity = ours === null ? null : ours.quantity
  const theirQuantity = theirs === null ? null : quantityOf(theirs)
  const isOursThere = ours !== null && (isInAmounts ? ourAmount !== 0n : ourQuantity !== 0n)
  const isTheirsThere = isThere(theirs, theirAmount, theirQuantity, isInAmounts)
  const sides = { ours, theirs, ourAmount, theirAmount, ourQuantity, theirQuantity }
  const difference = isInAmounts ? differenceOf(ours === null ? picos(0n) : ourAmount, theirs === null ? picos(0n) : theirAmount) : null
  if (isOursThere !== isTheirsThere) {
    return { ...sides, difference, status: isOursThere ? 'ours_only' : 'theirs_only', withinTolerance: isWithin(difference, terms) }
  }
  const agrees = isInAmounts
    ? isWithin(difference, terms)
    : areEqual(ours === null ? 0n : ourQuantity, theirs === null ? 0n : theirQuantity)
  return { ...sides, difference, status: agrees ? 'matched' : 'drift', withinTolerance: agrees }
}

function areEqual(ours: bigint | null, theirs: bigint | null): boolean {
  return ours !== null && ours === theirs
}

function amountOfOurs({ amount, unpricedCalls }: OurCell): Picos | null {
  return amount ?? (unpricedCalls > 0 ? null : picos(0n))
}

function isThere(theirs: TheirCell | null, amount: Picos | null, quantity: bigint | null, isInAmounts: boolean): boolean {
  if (theirs === null) return false
  return isInAmounts ? amount !== 0n : quantity !== null && quantity !== 0n
}

function differenceOf(ours: Picos | null, theirs: Picos | null): Picos | null {
  return ours === null || theirs === null ? null : picos(theirs - ours)
}

function isWithin(difference: Picos | null, { tolerance }: Terms): boolean {
  return difference !== null && magnitude(difference) <= tolerance
}

export function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}
