import type { CallStore } from '../../../calls/index.ts'
import { findInLarge } from '../examine.ts'
import type { Finding, OpportunityQuestion } from '../opportunity.ts'
import { AGENTS_MAX, type MainSpend } from '../spend.ts'
import { batchTier } from './batch-tier.ts'
import { expensiveAgent } from './expensive-agent.ts'
import { promptCaching } from './prompt-caching.ts'
import { shorterContext } from './shorter-context.ts'

/** An agent that takes a fifth of the bill is worth a look. */
const AGENT_COST_PERCENT = 20n
/** Advice on a handful of calls would be advice on chance. */
const AGENT_CALLS_MIN = 10
/** Of each agent so many calls, those posted last, are priced in further ways: each way takes as long as a look at another model. */
const FURTHER_CALLS_MAX = 250

/** Agents with a large share of the cost. Their calls are read once, and priced as they could have been made otherwise. */
export async function largeAgents(store: CallStore, question: OpportunityQuestion, spend: Promise<MainSpend>): Promise<Finding[]> {
  const { agents } = await spend
  const large = {
    dimension: 'agent',
    breakdown: agents,
    linesMax: AGENTS_MAX,
    callsMin: AGENT_CALLS_MIN,
    costPercent: AGENT_COST_PERCENT,
  } as const
  return await findInLarge(store, question, large, ({ value: agent, ...sums }, calls) => {
    const group = { agent, sums, total: agents.total.cost }
    const further = { ...group, calls: calls.slice(0, FURTHER_CALLS_MAX), reprice: question.reprice }
    return [...expensiveAgent({ ...further, calls }), ...batchTier(further), ...promptCaching(further), ...shorterContext(further)]
  })
}
