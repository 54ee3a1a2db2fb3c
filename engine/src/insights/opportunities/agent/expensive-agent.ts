import { type Measures, tokensOf } from '../../../calls/index.ts'
import type { Picos } from '../../../kernel/index.ts'
import { isSmall } from '../expensive-model.ts'
import { countWords, usdWords } from '../money-words.ts'
import type { Finding } from '../opportunity.ts'
import { priorityOf } from '../priority.ts'
import { rangeFrom, SWAP_RISK, type Swaps, shownIds, swapCalls } from '../swap.ts'
import type { AgentCalls } from './agent-calls.ts'

/** An agent with a large share of the cost, with every one of its calls priced on its nearest cheaper sibling. */
export function expensiveAgent({ agent, sums, total, calls, reprice }: AgentCalls): Finding[] {
  const swaps = swapCalls(calls, reprice)
  // Every call could be priced on a sibling and none was cheaper: there is nothing to advise.
  if (swaps.saving !== null && swaps.savings.length === 0) return []
  const opportunity = {
    id: `expensive_agent:${agent}`,
    type: 'expensive_agent' as const,
    priority: priorityOf(swaps.saving, sums.cost, total),
    subject: agent,
    currentCost: sums.cost,
    calls: {
      count: sums.calls,
      unpriced: sums.unpriced,
      examined: calls.length,
      saving: swaps.savings.length,
      callIds: shownIds(swaps.savings, calls),
    },
    alternativeModels: swaps.alternatives,
    recommendation: recommend(agent, sums, swaps, total),
    assumption:
      swaps.saving === null
        ? 'None: no saving is claimed, because no call of the agent could be priced on a cheaper sibling of its model.'
        : 'The cheaper model does the work with the same number of tokens and as well; try it on your own cases before you switch.',
    potentialSavings: swaps.saving,
    range: rangeFrom(swaps, isSmall, 'from its small calls only, which need no large model, to all of them'),
    risk: SWAP_RISK,
  }
  return [{ opportunity, byCall: swaps.savings, byRepeat: [], byRun: [] }]
}

function recommend(agent: string, group: Measures, swaps: Swaps, total: Picos): string {
  const percent = (group.cost * 100n) / total
  const spends = `Agent "${agent}" takes ${percent}% of the cost: ${usdWords(group.cost)} for ${countWords(group.calls, 'call')}`
  if (swaps.saving === null) {
    return `${spends} and ${tokensOf(group)} tokens. No cheaper sibling of its models has a price for them; look for calls that can be left out, cached or shortened.`
  }
  const models = swaps.alternatives.join(', ')
  return `${spends}. On ${models}, ${countWords(swaps.savings.length, 'call')} of them that cost ${usdWords(swaps.costBefore)} would have cost ${usdWords(swaps.costAfter)}, ${usdWords(swaps.saving)} less.`
}
