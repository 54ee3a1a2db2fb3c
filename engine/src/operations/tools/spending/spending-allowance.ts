import { getSpendingAllowance, type SpendingAllowance } from '@purser/contract'
import { formatInstant, formatPeriod, ok, type Picos, picos, type Result, usdOfPicos, ZERO } from '../../../kernel/index.ts'
import { balanceOf, roomIn, type Standing, walletAccount, walletCounter } from '../../../ledger/index.ts'
import { limitsOn } from '../limits.ts'
import { implementTool, type ToolContext } from '../tool.ts'

/** What an agent may still spend on a next call: the least that any hard limit leaves, and which limit that is. */
export const getSpendingAllowanceTool = implementTool(getSpendingAllowance, async (context): Promise<Result<SpendingAllowance>> => {
  const [budgets, wallet] = await Promise.all([limitsOn(context, null), walletOf(context)])
  const limits = [...budgets.map(ofBudget), ...wallet].sort((a, b) => (a.room < b.room ? -1 : a.room > b.room ? 1 : 0)).map(limitAnswer)
  const [first = null] = limits
  return ok({
    agent_id: context.agent,
    may_spend_usd: first?.remaining_usd ?? null,
    limited_by: first === null ? null : wordsOf(first),
    limits,
  })
})

type Limit = SpendingAllowance['limits'][number]

/** A limit, and what it leaves; below zero when more was spent than it allows. */
interface Room {
  readonly room: Picos
  readonly limit: Omit<Limit, 'remaining_usd'>
}

function limitAnswer({ room, limit }: Room): Limit {
  return { ...limit, remaining_usd: usdOfPicos(room > 0n ? room : ZERO) }
}

function ofBudget(standing: Standing): Room {
  const { rule, counter, resetsAt } = standing.match
  return {
    room: roomIn(standing),
    limit: {
      kind: 'budget',
      scope: `${rule.dimension} "${counter.value}"`,
      period: formatPeriod(rule.period),
      limit_usd: usdOfPicos(rule.limit),
      spent_usd: usdOfPicos(standing.spent),
      held_usd: usdOfPicos(standing.held),
      resets_at: resetsAt === null ? null : formatInstant(resetsAt),
    },
  }
}

/** The wallet of the agent as one more limit; none where it has none, because then its calls are not paid from one. */
async function walletOf({ services, organization, agent }: ToolContext): Promise<Room[]> {
  const account = await services.ledger.account(organization, walletAccount(agent))
  if (account === null) return []
  const held = (await services.ledger.counter(walletCounter(organization, agent)))?.held ?? ZERO
  const limit = { kind: 'wallet', scope: `wallet of "${agent}"`, period: null, limit_usd: null, spent_usd: null, resets_at: null } as const
  return [{ room: picos(balanceOf(account) - held), limit: { ...limit, held_usd: usdOfPicos(held) } }]
}

function wordsOf({ kind, scope, period, limit_usd, remaining_usd, resets_at }: Limit): string {
  if (kind === 'wallet') return `the ${scope} holds $${remaining_usd} that is not held for other calls`
  const reset = resets_at === null ? '' : `, until ${resets_at}`
  return `the ${period ?? ''} budget of ${scope} leaves $${remaining_usd} of $${limit_usd ?? ''}${reset}`
}
