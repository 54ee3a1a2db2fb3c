import type { Millis } from '../../kernel/index.ts'
import { matchesIn, standingIn } from '../budget/count.ts'
import type { Standing } from '../budget/room.ts'
import type { CallScope } from '../budget/scope.ts'
import type { Draft } from '../draft.ts'
import { walletStandingIn } from './standing.ts'

/** Everything that limits what a call may cost: the budgets that it matches, and the wallet that pays it. None overrides another. */
export function limitsIn(draft: Draft, scope: CallScope, at: Millis): Standing[] {
  const standings = matchesIn(draft, scope, at).map((match) => standingIn(draft, match))
  const wallet = walletStandingIn(draft, scope.organization, scope.agent)
  return wallet === null ? standings : [...standings, wallet]
}
