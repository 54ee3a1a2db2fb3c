import { type CallQuery, type CallStore, knownTokens, type Measures } from '../calls/index.ts'
import { averageLatencyMs } from './averages.ts'
import { type Breakdown, breakdown } from './breakdown.ts'

export interface AgentSpend extends Measures {
  readonly agent: string
  /** Null when no call reported any. */
  readonly tokens: number | null
  /** Dearest first. Calls whose model is not known add none. */
  readonly modelsUsed: readonly string[]
  readonly averageLatencyMs: number | null
}

export interface AgentsSpend extends Omit<Breakdown, 'lines'> {
  readonly agents: readonly AgentSpend[]
}

/** Which agents drive the spend? Dearest first. */
export async function spendByAgent(store: CallStore, question: CallQuery & { readonly limit: number }): Promise<AgentsSpend> {
  const { lines, ...rest } = await breakdown(store, question, 'agent', question.limit)
  const listed = lines.map((line) => line.value)
  const models = await modelsByAgent(store, question, listed, rest.others !== null)
  const agents = lines.map(({ value, ...sums }) => ({
    ...sums,
    agent: value,
    tokens: knownTokens(sums),
    modelsUsed: models.get(value) ?? [],
    averageLatencyMs: averageLatencyMs(sums),
  }))
  return { ...rest, agents }
}

/** `some`: there are other agents, which may be so many that they must not be read. */
async function modelsByAgent(
  store: CallStore,
  question: CallQuery,
  agents: readonly string[],
  some: boolean,
): Promise<Map<string, string[]>> {
  const models = new Map<string, string[]>(agents.map((agent) => [agent, []]))
  if (agents.length === 0) return models
  const where = [...(question.where ?? []), ...(some ? [{ dimension: 'agent' as const, in: agents }] : [])]
  const groups = await store.aggregate({ ...question, where, groupBy: ['agent', 'model'], orderBy: 'cost' })
  for (const { keys } of groups) {
    const [agent, model] = keys
    if (typeof agent === 'string' && typeof model === 'string') models.get(agent)?.push(model)
  }
  return models
}
