import { BudgetExhausted, type FleetClient, fixed, float, get, HttpFault, type Reply } from '../client.ts'

/** Makes the client of one agent, with the same key for all, as the documented programs do. */
export type ClientOf = (agentId: string) => FleetClient

/** One agent, one wallet, one cap, one alert. */
export async function quickStart(client: FleetClient): Promise<string> {
  await client.createWallet()
  await client.deposit(100)
  await client.setBudgetCap(25, 500)
  await client.registerWebhook('https://your-app.example.com/alerts/budget', ['budget.threshold'], { threshold_pct: 75 })
  const balance = await client.getBalance()
  return `Agent ${client.agentId} ready. Balance: $${String(required(balance, 'balance'))}`
}

/** A wallet for each agent of a fleet, funded and looked at. */
export async function provisionWallets(clientOf: ClientOf, fleet: Readonly<Record<string, number>>): Promise<string[]> {
  const lines: string[] = []
  for (const [agentId, deposit] of Object.entries(fleet)) {
    const client = clientOf(agentId)
    const wallet = await client.createWallet()
    await client.deposit(deposit)
    const balance = await client.getBalance()
    lines.push(
      `${agentId}: ${String(required(wallet, 'wallet_id'))} deposited $${fixed(deposit, 2)} balance $${String(required(balance, 'balance'))}`,
    )
  }
  return lines
}

/** Whether an agent can afford a tool: by its cap of the day and by its wallet. */
export async function preflight(client: FleetClient, tool: string, params: object): Promise<boolean> {
  const estimate = await client.estimateCost(tool, params)
  const cost = float(get(estimate, 'estimated_cost', 0))
  const budget = await client.getBudgetStatus()
  const remaining = float(get(budget, 'daily_limit', 0)) - float(get(budget, 'spent_today', 0))
  const balance = float(get(await client.getBalance(), 'balance', 0))
  return cost <= remaining && cost <= balance
}

/** Uses tools one after the other, each after asking, and stops at the first that cannot be afforded. */
export async function guardedTasks(client: FleetClient, tasks: readonly (readonly [string, object])[]): Promise<string[]> {
  const lines: string[] = []
  for (const [tool, params] of tasks) {
    if (!(await preflight(client, tool, params))) {
      lines.push(`Skipped ${tool}: insufficient budget`)
      break
    }
    await client.execute(tool, params)
    lines.push(`Executed ${tool}: OK`)
  }
  return lines
}

/** Tops up a worker for a task, and caps it at that. */
export async function fundWorker(worker: FleetClient, taskBudget: number): Promise<number> {
  const current = float(get(await worker.getBalance(), 'balance', 0))
  if (current < taskBudget) await worker.deposit(taskBudget - current)
  await worker.setBudgetCap(taskBudget)
  return float(get(await worker.getBalance(), 'balance', 0))
}

/** An agent of its own for one run of a workflow, with the run's budget as wallet and cap. */
export async function workflowBudget(clientOf: ClientOf, workflow: string, run: string, budget: number): Promise<FleetClient> {
  const client = clientOf(`wf-${workflow}-${run}`)
  await client.createWallet()
  await client.deposit(budget)
  await client.setBudgetCap(budget)
  return client
}

/** A tool whose refusal for budget is an answer to look at, not an error. */
export async function safely(client: FleetClient, tool: string, input: object): Promise<Reply> {
  try {
    return await client.execute(tool, input)
  } catch (error) {
    if (error instanceof BudgetExhausted) return { error: 'budget_exhausted', tool, text: error.message }
    if (error instanceof HttpFault && error.status === 429) return client.execute(tool, input)
    throw error
  }
}

/** Tries a hundred searches; says at which one the budget stopped it. Null: it was never stopped. */
export async function searchUntilStopped(client: FleetClient): Promise<{ readonly iteration: number; readonly text: string } | null> {
  for (let iteration = 0; iteration < 100; iteration++) {
    const result = await safely(client, 'search_services', { query: `topic-${iteration}` })
    if (get(result, 'error', null) === 'budget_exhausted') return { iteration, text: String(result.text) }
  }
  return null
}

const TIERS: Readonly<Record<string, readonly [number, number]>> = {
  orchestrator: [100, 2000],
  researcher: [25, 500],
  summarizer: [15, 300],
  classifier: [10, 200],
}

/** Caps by role. */
export async function capFleet(clientOf: ClientOf, agents: Readonly<Record<string, string>>): Promise<string[]> {
  const lines: string[] = []
  for (const [agentId, role] of Object.entries(agents)) {
    const tier = TIERS[role]
    if (tier === undefined) continue
    const client = clientOf(agentId)
    await client.setBudgetCap(...tier)
    const status = await client.getBudgetStatus()
    const [limits, spent] = [
      ['daily_limit', 'monthly_limit'],
      ['spent_today', 'spent_this_month'],
    ].map((names) => names.map((name) => `$${String(required(status, name))}`).join('/'))
    lines.push(`${agentId} (${role}): ${limits} of which ${spent}`)
  }
  return lines
}

/** `reply[name]`: raises where Python does. */
export function required(reply: Reply, name: string): unknown {
  if (!Object.hasOwn(reply, name)) throw new TypeError(`KeyError: ${name}`)
  return reply[name]
}

/** `reply.get(name, [])` as a list of replies. */
export function listed(reply: Reply, name: string): readonly Reply[] {
  return get(reply, name, []) as readonly Reply[]
}
