import { getSpendingAllowance, type SpendingAllowance } from '@purser/contract'
import { formatInstant, formatPeriod, ok, picos, type Result, usdOfPicos } from '../../../kernel/index.ts'
import { roomIn, type Standing, WALLET_BUDGET, walletAccount, walletCounter, walletStanding } from '../../../ledger/index.ts'
import { limitsOn } from '../limits.ts'
import { implementTool, type ToolContext } from '../tool.ts'
import { remaining } from './budget-status.ts'

/** What an agent may still spend on a next call: the least that any hard limit leaves, and which limit that is. */
export const getSpendingAllowanceTool = implementTool(getSpendingAllowance, async (context): Promise<Result<SpendingAllowance>> => {
  const [budgets, wallet] = await Promise.all([limitsOn(context, null), walletOf(context)])
  const limits = [...budgets, ...wallet].sort((a, b) => (roomIn(a) < roomIn(b) ? -1 : roomIn(a) > roomIn(b) ? 1 : 0)).map(limitAnswer)
  const [first = null] = limits
  return ok({
    agent_id: context.agent,
    may_spend_usd: first?.remaining_usd ?? null,
    limited_by: first === null ? null : wordsOf(first),
    limits,
  })
})

/** The wallet of the agent as one more limit; none where it has none, because then its calls are not paid from one. */
async function walletOf({ services, organization, agent }: ToolContext): Promise<Standing[]> {
  const account = await services.ledger.account(organization, walletAccount(agent))
  if (account === null) return []
  const counter = await services.ledger.counter(walletCounter(organization, agent))
  return [walletStanding(account, agent, counter?.held ?? picos(0n))]
}

type Limit = SpendingAllowance['limits'][number]

function limitAnswer(standing: Standing): Limit {
  const { rule, counter, resetsAt } = standing.match
  if (rule.id === WALLET_BUDGET) return walletLimit(standing)
  return {
    kind: 'budget',
    scope: `${rule.dimension} "${counter.value}"`,
    period: formatPeriod(rule.period),
    limit_usd: usdOfPicos(rule.limit),
    spent_usd: usdOfPicos(standing.spent),
    held_usd: usdOfPicos(standing.held),
    remaining_usd: remaining(standing),
    resets_at: resetsAt === null ? null : formatInstant(resetsAt),
  }
}

function walletLimit(standing: Standing): Limit {
  return {
    kind: 'wallet',
    scope: `wallet of "${standing.match.counter.value}"`,
    period: null,
    limit_usd: null,
    spent_usd: null,
    held_usd: usdOfPicos(standing.held),
    remaining_usd: remaining(standing),
    resets_at: null,
  }
}

function wordsOf({ kind, scope, period, limit_usd, remaining_usd, resets_at }: Limit): string {
  if (kind === 'wallet') return `the ${scope} holds $${remaining_usd} that is not held for other calls`
  const reset = resets_at === null ? '' : `, until ${resets_at}`
  return `the ${period ?? ''} budget of ${scope} leaves $${remaining_usd} of $${limit_usd ?? ''}${reset}`
}
