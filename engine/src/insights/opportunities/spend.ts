import type { CallStore } from '../../calls/index.ts'
import { type Breakdown, breakdown } from '../breakdown.ts'
import { queryOf } from './examine.ts'
import type { OpportunityQuestion } from './opportunity.ts'

/** Agents and models that can have a share of the cost worth looking at: a fifth has room for five, a quarter for four. */
export const AGENTS_MAX = 5
export const MODELS_MAX = 4

/** Where the money of a question goes: by agent, at least `AGENTS_MAX` of them if there are so many, and by model, at least `MODELS_MAX`. */
export interface MainSpend {
  readonly agents: Breakdown
  readonly models: Breakdown
}

export async function mainSpend(store: CallStore, question: OpportunityQuestion): Promise<MainSpend> {
  const query = queryOf(question)
  const [agents, models] = await Promise.all([breakdown(store, query, 'agent', AGENTS_MAX), breakdown(store, query, 'model', MODELS_MAX)])
  return { agents, models }
}
