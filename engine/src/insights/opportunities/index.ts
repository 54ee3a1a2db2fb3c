import type { CallStore } from '../../calls/index.ts'
import { type Picos, ZERO } from '../../kernel/index.ts'
import { largeAgents } from './agent/large-agents.ts'
import { expensiveModels } from './expensive-model.ts'
import { failedWorkflows } from './failed-workflows.ts'
import type { Opportunity, OpportunityQuestion } from './opportunity.ts'
import { savingWithoutOverlap } from './overlap.ts'
import { repeatedCalls } from './repeated-calls.ts'
import { type MainSpend, mainSpend } from './spend.ts'

export {
  CALL_IDS_MAX,
  type Opportunity,
  type OpportunityQuestion,
  type OpportunityType,
  type Repricer,
} from './opportunity.ts'
export { type MeasuredWindow, realisedSaving } from './realised.ts'
export { tokenRepricer } from './token-repricer.ts'

export interface OpportunityReport {
  /** Largest saving first; those whose saving is not known come last, dearest first. */
  readonly opportunities: readonly Opportunity[]
  /** What they save together; less than the sum of the savings where they concern the same calls. Never more than the total cost. */
  readonly totalPotentialSavings: Picos
  readonly totalCost: Picos
}

/**
 * Where can money be saved? Every saving is computed from single calls or from the sums of what they have cost; see `Opportunity`. `spend`:
 * for who asks for these sums anyway.
 */
export async function findOpportunities(
  store: CallStore,
  question: OpportunityQuestion,
  spend: Promise<MainSpend> = mainSpend(store, question),
): Promise<OpportunityReport> {
  const looking = [largeAgents, expensiveModels, failedWorkflows, repeatedCalls].map((look) => look(store, question, spend))
  const [{ cost }, ...found] = await Promise.all([spend.then(({ agents }) => agents.total), ...looking])
  if (cost <= ZERO) return { opportunities: [], totalPotentialSavings: ZERO, totalCost: cost }
  const findings = found.flat().filter(({ opportunity }) => question.dismissed?.has(opportunity.id) !== true)
  return {
    opportunities: findings.map((finding) => finding.opportunity).sort(bySaving),
    totalPotentialSavings: atMost(savingWithoutOverlap(findings), cost),
    totalCost: cost,
  }
}

/** Negative costs elsewhere can make the total smaller than the cost of some of its calls; nobody saves more than they spent. */
function atMost(saving: Picos, cost: Picos): Picos {
  if (saving > cost) return cost
  return saving
}

function bySaving(left: Opportunity, right: Opportunity): number {
  const saving = descending(left.potentialSavings ?? -1n, right.potentialSavings ?? -1n)
  return saving || descending(left.currentCost, right.currentCost) || (left.id < right.id ? -1 : 1)
}

function descending(left: bigint, right: bigint): number {
  return left === right ? 0 : left > right ? -1 : 1
}
