import { type FleetClient, fixed, float, get, padded } from '../client.ts'
import { type ClientOf, listed, required } from './wallets.ts'

/** Where an agent's money went, as a table. */
export async function categoryTable(client: FleetClient, start?: string, end?: string): Promise<string[]> {
  return listed(await client.getSpendingByCategory(start, end), 'categories').map((line) => {
    const cost = fixed(required(line, 'total_cost'), 2).padStart(8)
    return `${String(required(line, 'category')).padEnd(30, '.')} $${cost} (${String(required(line, 'call_count'))} calls)`
  })
}

export interface TeamCost {
  readonly total: number
  readonly agents: readonly { readonly agentId: string; readonly cost: number; readonly calls: unknown }[]
}

/** What each team's agents have cost in a period. */
export async function chargeback(
  clientOf: ClientOf,
  teams: Readonly<Record<string, readonly string[]>>,
): Promise<Record<string, TeamCost>> {
  const report: Record<string, TeamCost> = {}
  for (const [team, agentIds] of Object.entries(teams)) {
    const agents: { agentId: string; cost: number; calls: unknown }[] = []
    for (const agentId of agentIds) {
      const summary = await clientOf(agentId).getBillingSummary('monthly')
      agents.push({ agentId, cost: float(get(summary, 'total_cost', 0)), calls: get(summary, 'total_calls', 0) })
    }
    report[team] = { total: cents(agents.reduce((sum, { cost }) => sum + cost, 0)), agents }
  }
  return report
}

/** Revenue less cost of an agent in the current month. */
export async function profitAndLoss(client: FleetClient): Promise<{ revenue: number; cost: number; profit: number; margin: number }> {
  const summary = await client.getBillingSummary('monthly')
  const cost = float(get(summary, 'total_cost', 0))
  const start = String(get(summary, 'period_start', '2026-04-01'))
  const analytics = await client.getUsageAnalytics(start, String(get(summary, 'period_end', '2026-04-30')))
  const revenue = float(get(analytics, 'revenue_earned', 0))
  const margin = revenue > 0 ? Math.round(((revenue - cost) / revenue) * 1000) / 10 : 0
  return { revenue: cents(revenue), cost: cents(cost), profit: cents(revenue - cost), margin }
}

/** Cost and calls of an agent, week by week. */
export async function weeklyTrend(client: FleetClient, weeks: readonly (readonly [string, string])[]): Promise<string[]> {
  const lines: string[] = []
  for (const [start, end] of weeks) {
    const analytics = await client.getUsageAnalytics(start, end)
    lines.push(
      `${start} to ${end}: $${fixed(float(get(analytics, 'total_cost', 0)), 2)} (${String(get(analytics, 'total_calls', 0))} calls)`,
    )
  }
  return lines
}

/** The discount tier, as it is printed. */
export async function discountLines(client: FleetClient): Promise<string[]> {
  const discount = await client.getVolumeDiscount()
  return ['current_tier', 'discount_pct', 'monthly_volume', 'next_tier_threshold', 'next_tier_discount_pct'].map(
    (name) => `${name}: ${String(get(discount, name, 'None'))}`,
  )
}

export interface Candidate {
  readonly tool: string
  readonly params: object
  readonly quality: number
}

/** The cheapest of those that are good enough; one whose cost is not known is dearer than any. */
export async function cheapest(
  client: FleetClient,
  candidates: readonly Candidate[],
  qualityFloor: number,
): Promise<{ tool: string; cost: number }> {
  const estimated: { tool: string; cost: number }[] = []
  for (const { tool, params, quality } of candidates) {
    if (quality < qualityFloor) continue
    const estimate = await client.estimateCost(tool, params)
    estimated.push({ tool, cost: float(get(estimate, 'estimated_cost', Number.POSITIVE_INFINITY)) })
  }
  const [winner] = estimated.sort((a, b) => a.cost - b.cost)
  if (winner === undefined) throw new Error('no candidate is good enough')
  return winner
}

/** Costs in several currencies, in one. */
export async function normalized(
  client: FleetClient,
  costs: readonly { readonly cost: number; readonly currency: string }[],
  target = 'USD',
): Promise<number[]> {
  const converted: number[] = []
  for (const { cost, currency } of costs) {
    if (currency === target) converted.push(cost)
    else converted.push(float(get(await client.convertCurrency(cost, currency, target), 'converted_amount', cost)))
  }
  return converted
}

/** The leaderboard, as it is printed. */
export async function leaderboard(client: FleetClient): Promise<string[]> {
  return listed(await client.getAgentLeaderboard('cost_efficiency'), 'agents').map((entry, index) => {
    const efficiency = padded(get(entry, 'efficiency_score', 'N/A'), 15)
    const spend = fixed(float(get(entry, 'total_spend', 0)), 2).padEnd(14)
    return `${padded(index + 1, 6)}${padded(required(entry, 'agent_id'), 25)}${efficiency}$${spend}`.trimEnd()
  })
}

/** The figures of the platform, as they are printed. */
export async function platformLines(client: FleetClient): Promise<string[]> {
  const stats = await client.getPlatformStats()
  return ['active_agents', 'total_spend_mtd', 'avg_cost_per_call', 'total_calls_mtd', 'budget_utilization_pct', 'agents_over_budget'].map(
    (name) => `${name}: ${String(get(stats, name, 'None'))}`,
  )
}

/** One line for each agent, and who is near its cap. */
export async function dashboard(clientOf: ClientOf, agentIds: readonly string[]): Promise<{ lines: string[]; alerts: string[] }> {
  const lines: string[] = []
  const alerts: string[] = []
  for (const agentId of agentIds) {
    const client = clientOf(agentId)
    const balance = float(get(await client.getBalance(), 'balance', 0))
    const budget = await client.getBudgetStatus()
    const spent = float(get(budget, 'spent_today', 0))
    const cap = float(get(budget, 'daily_limit', 0))
    const percent = cap > 0 ? (spent / cap) * 100 : 0
    lines.push(`${agentId} $${fixed(balance, 2)} $${fixed(spent, 2)} $${fixed(cap, 2)} ${fixed(percent, 1)}%`)
    if (percent > 80) alerts.push(`${agentId}: ${fixed(percent, 1)}% of daily budget used`)
  }
  return { lines, alerts }
}

/** What a customer is billed for its agents: their cost and a markup. */
export async function invoice(clientOf: ClientOf, agentIds: readonly string[], markupPct: number) {
  let cost = 0
  const items: { agentId: string; cost: number; calls: unknown }[] = []
  for (const agentId of agentIds) {
    const summary = await clientOf(agentId).getBillingSummary('monthly')
    const own = float(get(summary, 'total_cost', 0))
    cost += own
    items.push({ agentId, cost: cents(own), calls: get(summary, 'total_calls', 0) })
  }
  const markup = cost * (markupPct / 100)
  return { items, cost: cents(cost), markup: cents(markup), total: cents(cost + markup) }
}

function cents(value: number): number {
  return Math.round(value * 100) / 100
}
