import type { CallQuery, CallStore } from '../../calls/index.ts'
import { type Breakdown, breakdown, breakdownOf } from '../breakdown.ts'
import { spendByPair } from '../pairs.ts'
import { queryOf } from './examine.ts'

/** Agents and models that can have a share of the cost worth looking at: a fifth has room for five, a quarter for four. */
export const AGENTS_MAX = 5
export const MODELS_MAX = 4

/** Where the money of a question goes: by agent, at least `AGENTS_MAX` of them if there are so many, and by model, at least `MODELS_MAX`. */
export interface MainSpend {
  readonly agents: Breakdown
  readonly models: Breakdown
}

/** Both from one question, where there are not too many of them. `agentsMax` and `modelsMax`: lines, for who shows more. */
export async function mainSpend(
  store: CallStore,
  question: CallQuery,
  agentsMax: number = AGENTS_MAX,
  modelsMax: number = MODELS_MAX,
): Promise<MainSpend> {
  const query = queryOf(question)
  const all = await spendByPair(store, query, ['agent', 'model'])
  if (all !== null) return { agents: breakdownOf(all.firsts, agentsMax), models: breakdownOf(all.seconds, modelsMax) }
  const [agents, models] = await Promise.all([breakdown(store, query, 'agent', agentsMax), breakdown(store, query, 'model', modelsMax)])
  return { agents, models }
}
