import { type CallStore, type Measures, tokensOf } from '../../calls/index.ts'
import type { Picos } from '../../kernel/index.ts'
import { findInLarge } from './examine.ts'
import { countWords, usdWords } from './money-words.ts'
import type { Finding, OpportunityQuestion } from './opportunity.ts'
import { priorityOf } from './priority.ts'
import { AGENTS_MAX, type MainSpend } from './spend.ts'
import { type Swaps, shownIds, swapCalls } from './swap.ts'

/** An agent that takes a fifth of the bill is worth a look. */
const AGENT_COST_PERCENT = 20n
/** Advice on a handful of calls would be advice on chance. */
const AGENT_CALLS_MIN = 10

/** Agents with a large share of the cost, with every one of their calls priced on its nearest cheaper sibling. */
export async function expensiveAgents(store: CallStore, question: OpportunityQuestion, spend: Promise<MainSpend>): Promise<Finding[]> {
  const { agents } = await spend
  const large = {
    dimension: 'agent',
    breakdown: agents,
    linesMax: AGENTS_MAX,
    callsMin: AGENT_CALLS_MIN,
    costPercent: AGENT_COST_PERCENT,
  } as const
  return await findInLarge(store, question, large, ({ value: agent, ...group }, calls) => {
    const swaps = swapCalls(calls, question.reprice)
    // Every call could be priced on a sibling and none was cheaper: there is nothing to advise.
    if (swaps.saving !== null && swaps.savings.length === 0) return []
    return [findingOf(agent, group, swaps, agents.total.cost, shownIds(swaps.savings, calls), calls.length)]
  })
}

function findingOf(agent: string, group: Measures, swaps: Swaps, total: Picos, callIds: string[], examined: number): Finding {
  const opportunity = {
    id: `expensive_agent:${agent}`,
    type: 'expensive_agent' as const,
    priority: priorityOf(swaps.saving, group.cost, total),
    subject: agent,
    currentCost: group.cost,
    calls: { count: group.calls, unpriced: group.unpriced, examined, saving: swaps.savings.length, callIds },
    alternativeModels: swaps.alternatives,
    recommendation: recommend(agent, group, swaps, total),
    assumption:
      swaps.saving === null
        ? 'None: no saving is claimed, because no call of the agent could be priced on a cheaper sibling of its model.'
        : 'The cheaper model does the work with the same number of tokens and as well; try it on your own cases before you switch.',
    potentialSavings: swaps.saving,
  }
  return { opportunity, byCall: swaps.savings, byRepeat: [], byRun: [] }
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
