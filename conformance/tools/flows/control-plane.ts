import { BudgetExhausted, type FleetClient, float, get, type Reply } from '../client.ts'
import { type ClientOf, required } from './wallets.ts'

export interface Provision {
  readonly deposit: number
  readonly dailyCap: number
  readonly monthlyCap: number
}

/** Wallets, caps, keys and alerts of a fleet in one place, as the documented control plane has them. */
export class ControlPlane {
  readonly agents = new Map<string, FleetClient>()
  readonly #clientOf: ClientOf
  readonly #alertUrl: string

  constructor(clientOf: ClientOf, alertUrl: string) {
    this.#clientOf = clientOf
    this.#alertUrl = alertUrl
  }

  async provision(agentId: string, { deposit, dailyCap, monthlyCap }: Provision): Promise<Reply> {
    const client = this.#clientOf(agentId)
    await client.createWallet()
    await client.deposit(deposit)
    await client.setBudgetCap(dailyCap, monthlyCap)
    const key = await client.createApiKey(`${agentId}-managed`)
    for (const percent of [75, 90, 100]) {
      await client.registerWebhook(`${this.#alertUrl}/${agentId}/${percent}`, ['budget.threshold'], { threshold_pct: percent })
    }
    this.agents.set(agentId, client)
    return key
  }

  async budgetStatus(): Promise<Record<string, { spent: unknown; limit: unknown; balance: unknown }>> {
    const statuses: Record<string, { spent: unknown; limit: unknown; balance: unknown }> = {}
    for (const [agentId, client] of this.agents) {
      const budget = await client.getBudgetStatus()
      const balance = await client.getBalance()
      statuses[agentId] = { spent: budget.spent_today, limit: budget.daily_limit, balance: balance.balance }
    }
    return statuses
  }

  async emergencyStop(agentId: string, keyId: string): Promise<void> {
    await this.agents.get(agentId)?.rotateApiKey(keyId)
  }

  async rotateAll(keys: Readonly<Record<string, string>>): Promise<void> {
    for (const [agentId, keyId] of Object.entries(keys)) await this.agents.get(agentId)?.rotateApiKey(keyId)
  }

  async chargeback(teams: Readonly<Record<string, readonly string[]>>): Promise<Record<string, number>> {
    const report: Record<string, number> = {}
    for (const [team, agentIds] of Object.entries(teams)) {
      let total = 0
      for (const agentId of agentIds) {
        const summary = await this.agents.get(agentId)?.getBillingSummary()
        if (summary !== undefined) total += float(get(summary, 'total_cost', 0))
      }
      report[team] = Math.round(total * 100) / 100
    }
    return report
  }
}

/** Gives a worker a task after looking whether it can afford it. */
export async function delegate(worker: FleetClient, tool: string, params: object): Promise<string> {
  const cost = float(get(await worker.estimateCost(tool, params), 'estimated_cost', 0))
  const budget = await worker.getBudgetStatus()
  if (cost > float(get(budget, 'daily_limit', 0)) - float(get(budget, 'spent_today', 0))) return 'skipped'
  try {
    await worker.execute(tool, params)
    return 'success'
  } catch (error) {
    if (error instanceof BudgetExhausted) return 'budget_exhausted'
    throw error
  }
}

/** Moves half of what idle agents have left of their caps to those that are nearly out; the new caps, by agent. */
export async function rebalance(plane: ControlPlane): Promise<Record<string, number>> {
  const used = Object.entries(await plane.budgetStatus()).map(([agentId, { spent, limit }]) => {
    const cap = float(limit)
    return { agentId, cap, spent: float(spent), share: cap > 0 ? float(spent) / cap : 0 }
  })
  const donors = used.filter(({ share }) => share < 0.3)
  const receivers = used.filter(({ share }) => share > 0.8)
  if (donors.length === 0 || receivers.length === 0) return {}
  const free = donors.reduce((sum, { cap, spent }) => sum + (cap - spent) * 0.5, 0)
  const caps: Record<string, number> = {}
  for (const { agentId, cap } of receivers) caps[agentId] = cap + free / receivers.length
  for (const { agentId, cap } of donors) caps[agentId] = Math.max(cap - free / donors.length, 5)
  for (const [agentId, cap] of Object.entries(caps)) await plane.agents.get(agentId)?.setBudgetCap(cap)
  return caps
}

/** The agent that can do a task within its cap for the least, the one with more left first among equals. */
export async function route(plane: ControlPlane, capable: readonly string[], tool: string, params: object): Promise<string> {
  const candidates: { agentId: string; cost: number; left: number }[] = []
  for (const agentId of capable) {
    const client = plane.agents.get(agentId)
    if (client === undefined) continue
    const budget = await client.getBudgetStatus()
    const left = float(get(budget, 'daily_limit', 0)) - float(get(budget, 'spent_today', 0))
    const cost = float(get(await client.estimateCost(tool, params), 'estimated_cost', Number.POSITIVE_INFINITY))
    if (cost <= left) candidates.push({ agentId, cost, left })
  }
  const [chosen] = candidates.sort((a, b) => a.cost - b.cost || b.left - a.left)
  if (chosen === undefined) throw new Error('no agent can afford this task')
  return chosen.agentId
}

/** Makes a new key and then replaces the old one: nobody is locked out on the way. */
export async function rotateKey(
  client: FleetClient,
  oldKeyId: string,
  label: string,
): Promise<{ keyId: string; apiKey: string; status: unknown }> {
  const fresh = await client.createApiKey(label)
  const rotated = await client.rotateApiKey(oldKeyId)
  return { keyId: String(required(fresh, 'key_id')), apiKey: String(required(fresh, 'api_key')), status: get(rotated, 'status', null) }
}

/** Ends an agent's key, and says what it has spent until now. */
export async function emergencyCostStop(client: FleetClient, keyId: string): Promise<unknown> {
  await client.rotateApiKey(keyId)
  return get(await client.getBudgetStatus(), 'spent_today', null)
}
