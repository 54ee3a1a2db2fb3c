import { type Refusal, refusal, usdOfPicos } from '../../kernel/index.ts'
import { mostThatFits, type Objection } from '../budget/admit.ts'
import type { Standing } from '../budget/room.ts'
import { WALLET_BUDGET } from '../wallet/standing.ts'

/** Names every budget that objects, and the wallet where it does, how each stands, and the most that would fit into all of them. */
export function budgetRefusal(objections: readonly Objection[], standings: readonly Standing[]): Refusal {
  const most = mostThatFits(standings)
  const overLimit = objections.filter(({ reason }) => reason === 'limit')
  const facts = {
    refused_by: objections.map(factsOf),
    ...(most === null ? {} : { most_that_fits_usd: usdOfPicos(most) }),
  }
  const [first] = overLimit
  if (first === undefined) {
    const what = objections.every(isOfWallet) ? 'a wallet pays' : 'a budget lets pass'
    return refusal('price_unknown', `no price is known for this model, and ${what} only what it can hold the worst case of`, {
      path: '/model',
      facts,
    })
  }
  return refusal('budget_exceeded', isOfWallet(first) ? emptyWallet(first) : overBudget(first, overLimit.length), { facts })
}

function overBudget(objection: Objection, count: number): string {
  const { match, spent, held } = objection.standing
  const others = count === 1 ? '' : ` and ${count - 1} more`
  return (
    `the ${periodWord(objection)}budget of $${usdOfPicos(match.rule.limit)} for ${match.rule.dimension} "${match.counter.value}"${others} ` +
    `does not allow $${usdOfPicos(objection.requested ?? match.rule.limit)}: $${usdOfPicos(spent)} is spent and $${usdOfPicos(held)} held`
  )
}

function emptyWallet({ standing, requested }: Objection): string {
  const { match, held } = standing
  return (
    `the wallet of "${match.counter.value}" cannot pay $${usdOfPicos(requested ?? match.rule.limit)}: ` +
    `its balance is $${balanceOf(standing)}, of which $${usdOfPicos(held)} is held`
  )
}

function balanceOf({ match, spent }: Standing): string {
  return usdOfPicos((match.rule.limit - spent) as typeof spent)
}

function isOfWallet({ standing }: Objection): boolean {
  return standing.match.rule.id === WALLET_BUDGET
}

function periodWord({ standing }: Objection): string {
  const { unit } = standing.match.rule.period
  return unit === 'total' ? '' : `${unit === 'day' ? 'daily' : unit === 'rolling' ? 'rolling' : `${unit}ly`} `
}

/** How one budget or wallet stands that refuses, in the spelling of the wire. Of a wallet the limit is all that came in. */
function factsOf(objection: Objection): Record<string, unknown> {
  const { standing, reason, requested } = objection
  const { match, spent, held } = standing
  const { rule, counter, resetsAt } = match
  return {
    ...(isOfWallet(objection)
      ? { wallet_id: counter.value, budget_id: null, name: null, dimension: 'wallet', balance_usd: balanceOf(standing) }
      : { budget_id: rule.id, name: rule.name, dimension: rule.dimension }),
    value: counter.value,
    reason,
    limit_usd: usdOfPicos(rule.limit),
    spent_usd: usdOfPicos(spent),
    held_usd: usdOfPicos(held),
    requested_usd: requested === null ? null : usdOfPicos(requested),
    resets_at: resetsAt === null ? null : new Date(resetsAt).toISOString(),
  }
}
