import { getSpendingAllowance, type SpendingAllowance } from '@purser/contract'
import { formatInstant, formatPeriod, ok, type Result, usdOfPicos } from '../../kernel/index.ts'
import { roomIn, type Standing } from '../../ledger/index.ts'
import { remaining } from './budget-status.ts'
import { limitsOn } from './limits.ts'
import { implementTool } from './tool.ts'

/** What an agent may still spend on a next call: the least that any hard limit leaves, and which limit that is. */
export const getSpendingAllowanceTool = implementTool(getSpendingAllowance, async (context): Promise<Result<SpendingAllowance>> => {
  const standings = await limitsOn(context, null)
  const limits = standings.sort((a, b) => (roomIn(a) < roomIn(b) ? -1 : roomIn(a) > roomIn(b) ? 1 : 0)).map(limitAnswer)
  const [first = null] = limits
  return ok({
    agent_id: context.agent,
    may_spend_usd: first?.remaining_usd ?? null,
    limited_by: first === null ? null : wordsOf(first),
    limits,
  })
})

type Limit = SpendingAllowance['limits'][number]

function limitAnswer(standing: Standing): Limit {
  const { rule, counter, resetsAt } = standing.match
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

function wordsOf({ scope, period, limit_usd, remaining_usd, resets_at }: Limit): string {
  const reset = resets_at === null ? '' : `, until ${resets_at}`
  return `the ${period ?? ''} budget of ${scope} leaves $${remaining_usd} of $${limit_usd ?? ''}${reset}`
}
