import { type ActivitySums, knownCost } from '../../calls/index.ts'
import { type Picos, usdOfPicos } from '../../kernel/index.ts'
import { usdNumber } from '../wire/measures-answer.ts'

/** What was spent as this family spells it: null where there are calls and the price of none of them is known. */
export function spentAnswer(sums: ActivitySums): {
  costUsd: number | null
  costUsdExact: string | null
  calls: number
  unpricedCalls: number
} {
  const known = knownCost(sums)
  return { costUsd: usdNumber(known), costUsdExact: exactText(known), calls: sums.calls, unpricedCalls: sums.unpriced }
}

export function exactText(amount: Picos | null): string | null {
  return amount === null ? null : usdOfPicos(amount)
}
