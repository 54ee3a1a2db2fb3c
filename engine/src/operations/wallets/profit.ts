import { agentProfit, type Profit } from '@purser/contract'
import { knownCost, type Measures, ZERO_MEASURES } from '../../calls/index.ts'
import { ALL_TIME, divideHalfEven, formatInstant, ok, type Picos, picos, type Result, usdOfPicos } from '../../kernel/index.ts'
import { balanceChange, type LedgerStore, purchasesAccount, revenueAccount } from '../../ledger/index.ts'
import { answering } from '../analytics/faults.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'
import { usdText } from '../wire/charge-answer.ts'
import { questionOf } from '../wire/question.ts'

/** What an agent earned in a time, and what it cost: its calls, and what it bought of others. */
export const agentProfitOperation = implement(agentProfit, async (context, input): Promise<Result<Profit>> => {
  const { services, caller } = context
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const { agent_name: agent, ...asked } = input
  const question = questionOf(context, { ...asked, organization_id: organization.value })
  if (!question.ok) return question
  const { query } = question.value
  return answering(async () => {
    const traded = await tradedBy(services.ledger, organization.value, agent, {
      from: query.from ?? ALL_TIME.start,
      to: query.to ?? ALL_TIME.end,
    })
    const rows = await services.calls.aggregate({ ...query, where: [{ dimension: 'agent', in: [agent] }], groupBy: [], limit: 1 })
    const calls: Measures = rows[0] ?? ZERO_MEASURES
    const ofCalls = knownCost(calls)
    const cost = ofCalls === null ? null : picos(ofCalls + traded.purchases)
    const profit = cost === null ? null : picos(traded.revenue - cost)
    return ok({
      agent_name: agent,
      organization_id: organization.value,
      from: query.from === undefined ? null : formatInstant(query.from),
      to: query.to === undefined ? null : formatInstant(query.to),
      revenue_usd: usdOfPicos(traded.revenue),
      calls_usd: usdText(ofCalls),
      purchases_usd: usdOfPicos(traded.purchases),
      cost_usd: usdText(cost),
      profit_usd: usdText(profit),
      margin_pct: profit === null ? null : marginOf(profit, traded.revenue),
      calls: calls.calls,
      unpriced_calls: calls.unpriced,
    })
  })
})

const PAGE = 10_000

/** What an agent earned of others and spent on them, from the entries that moved money in its wallet. */
export async function tradedBy(
  ledger: LedgerStore,
  organization: string,
  agent: string,
  range: { readonly from: number; readonly to: number },
): Promise<{ readonly revenue: Picos; readonly purchases: Picos }> {
  let revenue = 0n
  let purchases = 0n
  for (let after = 0; ; ) {
    const entries = await ledger.walletEntries(organization, agent, range, after, PAGE)
    for (const entry of entries) {
      revenue -= balanceChange(entry, revenueAccount(agent))
      purchases += balanceChange(entry, purchasesAccount(agent))
    }
    after = entries.at(-1)?.seq ?? after
    if (entries.length < PAGE) return { revenue: picos(revenue), purchases: picos(purchases) }
  }
}

/** In percent with two decimals. */
function marginOf(profit: Picos, revenue: Picos): number | null {
  return revenue === 0n ? null : Number(divideHalfEven(profit * 10_000n, revenue)) / 100
}
