import { assert, type Refusal } from '../../kernel/index.ts'
import type { Objection } from '../budget/admit.ts'
import { counterIn, putCounter } from '../budget/draft-budgets.ts'
import type { Standing } from '../budget/room.ts'
import { type Draft, nextSeq, post } from '../draft.ts'
import type { BudgetExhaustion, ExhaustedBudget, RecordCommand } from '../records.ts'
import { WALLET_BUDGET } from '../wallet/standing.ts'
import { budgetRefusal } from './hold-refusal.ts'

/**
 * The refusal of a hold that not every hard budget has room for. It posts, in the transaction that refuses, that they are exhausted: those that have not
 * told so in their period since their limit was raised last. So a storm of refusals is one entry, and a granted hold never comes here.
 */
export function refuseForBudgets(
  draft: Draft,
  command: RecordCommand,
  about: RefusedCall,
  objections: readonly Objection[],
  standings: readonly Standing[],
): Refusal {
  const refused = budgetRefusal(objections, standings)
  const untold = objections.filter((objection) => isToTell(draft, objection))
  if (untold.length === 0) return refused
  if (command.provisional === true) return { ...refused, facts: { ...refused.facts, untold: true } }
  const seq = nextSeq(draft)
  for (const { standing } of untold) {
    const { counter } = standing.match
    putCounter(draft, counter, { ...counterIn(draft, counter), exhaustedSeq: seq })
  }
  // No id can be drawn here, and the same call may be refused again in the next period.
  post(draft, command, { kind: 'budget_exhausted', exhaustion: { id: `${about.call}@${seq}`, ...about, budgets: untold.map(exhausted) } })
  return refused
}

/** What was refused, and when it was asked for. */
type RefusedCall = Pick<BudgetExhaustion, 'call' | 'agent' | 'model' | 'at'>

/**
 * Whether somebody is still to be told. Not of a wallet: it has no period in which to tell once. Nor of an unknown price, which might fit. Of a rolling
 * window it was told in any of the steps that it still covers.
 */
function isToTell(draft: Draft, { standing, reason }: Objection): boolean {
  const { rule, window } = standing.match
  if (reason !== 'limit' || rule.id === WALLET_BUDGET) return false
  return window.every((key) => counterIn(draft, key).exhaustedSeq <= (rule.raisedSeq ?? 0))
}

function exhausted({ standing, requested }: Objection): ExhaustedBudget {
  assert(requested !== null, 'what does not fit is known')
  const { match, spent, held } = standing
  const { rule, counter, resetsAt } = match
  const { id: budget, limit, name, dimension, period, zone } = rule
  const { value, start: periodStart } = counter
  return { budget, value, periodStart, limit, spent, held, requested, rule: { name, dimension, period, zone, resetsAt } }
}
