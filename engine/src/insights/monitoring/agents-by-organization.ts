import {
  type AggregateRow,
  type CallQuery,
  type CallStore,
  type Measures,
  subtractMeasures,
  sumMeasures,
  ZERO_MEASURES,
} from '../../calls/index.ts'
import { assert, type Millis, ZERO } from '../../kernel/index.ts'
import { totalOf } from '../breakdown.ts'
import { type Day, dailySpend } from '../daily.ts'

/** What an agent of an organization has spent. */
export interface AgentLine extends Measures {
  readonly organization: string
  /** Null: the calls name no agent. */
  readonly agent: string | null
}

/** Lines, dearest first; with `others` they are the total, exactly. */
export interface AgentLines {
  readonly total: Measures
  readonly lines: readonly AgentLine[]
  /** What the limit left out; null when nothing was. */
  readonly others: Measures | null
}

/** What was spent, by organization and agent. */
async function spendByAgents(store: CallStore, question: CallQuery, limit: number): Promise<AgentLines> {
  const groups = await store.aggregate({ ...question, groupBy: ['organization', 'agent'], orderBy: 'cost', limit: limit + 1 })
  const lines = groups.slice(0, limit).map(lineOf)
  if (groups.length <= limit) return { total: sumMeasures(groups), lines, others: null }
  const total = await totalOf(store, question)
  return { total, lines, others: subtractMeasures(total, sumMeasures(lines)) }
}

/** The same with what names no agent by itself: lines, `unattributed` and `others` are the total, exactly. */
export async function allocateToAgents(
  store: CallStore,
  question: CallQuery,
  limit: number,
): Promise<AgentLines & { readonly unattributed: Measures }> {
  const { lines, others, total } = await spendByAgents(store, question, limit)
  const named = lines.filter((line) => line.agent !== null)
  const silent = sumMeasures(lines.filter((line) => line.agent === null))
  if (others === null) return { total, lines: named, unattributed: silent, others }
  // Of many organizations some may have been left out with what names no agent in them.
  const everywhere = await totalOf(store, { ...question, where: [...(question.where ?? []), { dimension: 'agent', in: [null] }] })
  return { total, lines: named, unattributed: everywhere, others: subtractMeasures(total, sumMeasures([...named, everywhere])) }
}

function lineOf(group: AggregateRow): AgentLine {
  const [organization, agent = null] = group.keys
  assert(typeof organization === 'string', 'a call is of an organization')
  return { organization, agent, ...sumMeasures([group]) }
}

export interface AgentTrend extends AgentLine {
  /** One for each day of the whole. */
  readonly days: readonly Measures[]
}

export interface AgentTrends {
  readonly days: readonly Day[]
  readonly total: Measures
  readonly series: readonly AgentTrend[]
  readonly others: { readonly total: Measures; readonly days: readonly Measures[] } | null
}

/**
 * What was spent on each local day, by organization and agent: days without calls are there, and the series with `others` are the whole on each of them. The
 * whole is asked for last, so that what is recorded meanwhile is among the others.
 */
export async function agentTrends(
  store: CallStore,
  question: CallQuery & { readonly from: Millis; readonly to: Millis; readonly zone: string },
  limit: number,
): Promise<AgentTrends> {
  const { zone, ...query } = question
  const { lines } = await spendByAgents(store, query, limit)
  const byDay = await dailyByAgent(store, query, zone, lines)
  const days = await dailySpend(store, question)
  const series = lines.map(({ organization, agent }) => {
    const own = days.map(({ start }) => byDay.get(keyOf(organization, agent, start)) ?? ZERO_MEASURES)
    return { organization, agent, ...sumMeasures(own), days: own }
  })
  const rest = days.map(({ start: _, ...day }, index) =>
    subtractMeasures(day, sumMeasures(series.map((one) => one.days[index] ?? ZERO_MEASURES))),
  )
  const others = { total: sumMeasures(rest), days: rest }
  return { days, total: sumMeasures(days), series, others: isNothing(others.total) ? null : others }
}

function isNothing({ calls, unpriced, cost }: Measures): boolean {
  return calls === 0 && unpriced === 0 && cost === ZERO
}

/** Of the agents that are listed alone: there may be thousands of others, each with ninety days. */
async function dailyByAgent(store: CallStore, query: CallQuery, zone: string, lines: readonly AgentLine[]): Promise<Map<string, Measures>> {
  if (lines.length === 0) return new Map()
  const agents = [...new Set(lines.map((line) => line.agent))]
  const groups = await store.aggregate({
    ...query,
    where: [...(query.where ?? []), { dimension: 'agent', in: agents }],
    groupBy: ['organization', 'agent'],
    bucket: { period: 'day', zone },
  })
  return new Map(
    groups.map(({ keys: [organization = '', agent = null], bucketStart = 0, ...sums }) => [
      keyOf(organization ?? '', agent, bucketStart),
      sums,
    ]),
  )
}

function keyOf(organization: string, agent: string | null, start: Millis): string {
  return JSON.stringify([organization, agent, start])
}
