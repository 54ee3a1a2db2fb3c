import type { BudgetStanding } from '@purser/contract'
import { type Picos, picos, picosOfUsd, usdOfPicos } from '../../kernel/index.ts'

/** The hard budget that has the least left for a call. Decimal text in USD. */
export interface TightestBudget {
  readonly budgetId: string
  readonly name: string | null
  readonly remainingUsd: string
}

export function tightestOf(budgets: readonly BudgetStanding[]): TightestBudget | null {
  let tightest: TightestBudget | null = null
  let least: Picos | null = null
  for (const { mode, budget_id, name, remaining_usd } of budgets) {
    const left = mode === 'hard' ? picosOfUsd(remaining_usd) : null
    if (left === null || (least !== null && left >= least)) continue
    least = left
    tightest = { budgetId: budget_id, name, remainingUsd: remaining_usd }
  }
  return tightest
}

/** What is left when the hold has been given back and the cost is posted: what others did meanwhile is not in it. Null where no budget limits the call, or its cost is not known. */
export function roomAfter(tightest: TightestBudget | null, held: string | null, cost: string | null): string | null {
  if (tightest === null || cost === null) return null
  const [left, back, spent] = [tightest.remainingUsd, held ?? '0', cost].map((text) => picosOfUsd(text) ?? 0n)
  const after = (left ?? 0n) + (back ?? 0n) - (spent ?? 0n)
  return usdOfPicos(picos(after > 0n ? after : 0n))
}
