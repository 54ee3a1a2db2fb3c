import { type AggregateRow, type CallQuery, type CallStore, knownTokens, type Measures } from '../calls/index.ts'
import { averageLatencyMs } from './averages.ts'
import { type Breakdown, breakdown, breakdownOf } from './breakdown.ts'
import { spendByPair } from './pairs.ts'

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
  const all = await spendByPair(store, question, ['agent', 'model'])
  const { lines, ...rest } =
    all === null ? await breakdown(store, question, 'agent', question.limit) : breakdownOf(all.firsts, question.limit)
  const listed = lines.map((line) => line.value)
  const models = modelsOf(all?.pairs ?? (await pairsOf(store, question, listed)), listed)
  const agents = lines.map(({ value, ...sums }) => ({
    ...sums,
    agent: value,
    tokens: knownTokens(sums),
    modelsUsed: models.get(value) ?? [],
    averageLatencyMs: averageLatencyMs(sums),
  }))
  return { ...rest, agents }
}

/** Some agents of many: those that are not listed may be so many that they must not be read. */
function pairsOf(store: CallStore, question: CallQuery, agents: readonly string[]): Promise<readonly AggregateRow[]> {
  const where = [...(question.where ?? []), { dimension: 'agent' as const, in: agents }]
  return store.aggregate({ ...question, where, groupBy: ['agent', 'model'], orderBy: 'cost' })
}

function modelsOf(pairs: readonly AggregateRow[], agents: readonly string[]): Map<string, string[]> {
  const models = new Map<string, string[]>(agents.map((agent) => [agent, []]))
  for (const { keys } of pairs) {
    const [agent, model] = keys
    if (typeof agent === 'string' && typeof model === 'string') models.get(agent)?.push(model)
  }
  return models
}
