import type { CallStore, Measures } from '../../calls/index.ts'
import { type BreakdownLine, lineOf, totalOf } from '../breakdown.ts'
import { queryOf } from './examine.ts'
import type { OpportunityQuestion } from './opportunity.ts'

/** Agents and models that can have a share of the cost worth looking at: a fifth has room for five, a quarter for four. */
export const AGENTS_MAX = 5
export const MODELS_MAX = 4

/** Where the money of a question goes. */
export interface MainSpend {
  readonly total: Measures
  /** Dearest first, at least `AGENTS_MAX` if there are so many. */
  readonly agents: readonly BreakdownLine[]
  /** The same, at least `MODELS_MAX`. */
  readonly models: readonly BreakdownLine[]
}

export async function mainSpend(store: CallStore, question: OpportunityQuestion): Promise<MainSpend> {
  const query = queryOf(question)
  // One more of each: the group of calls that say nothing may be among the dearest.
  const [total, agents, models] = await Promise.all([
    totalOf(store, query),
    store.aggregate({ ...query, groupBy: ['agent'], orderBy: 'cost', limit: AGENTS_MAX + 1 }),
    store.aggregate({ ...query, groupBy: ['model'], orderBy: 'cost', limit: MODELS_MAX + 1 }),
  ])
  return { total, agents: agents.flatMap(lineOf), models: models.flatMap(lineOf) }
}
