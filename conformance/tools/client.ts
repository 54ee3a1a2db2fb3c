import { REFERRED, TOOLS } from '@purser/contract'
import { Value } from '@sinclair/typebox/value'
import { type Answer, send } from '../http/test-server.ts'

/** An answer as a client reads it: members by name, types as they come. */
export type Reply = Readonly<Record<string, unknown>>

/** What the client of this family raises for 402: the agent stops and does not repeat. */
export class BudgetExhausted extends Error {
  override readonly name = 'BudgetExhausted'
}

/** Any other refusal, as the client's HTTP library raises it. */
export class HttpFault extends Error {
  override readonly name = 'HttpFault'
  readonly status: number
  readonly text: string

  constructor(status: number, text: string) {
    super(`${status}: ${text}`)
    this.status = status
    this.text = text
  }
}

/**
 * A client of the agent wallet family as its documented Python client is: one method per tool, amounts as Python prints floats, `agent_id`
 * where that client sends it and nowhere else. Its address ends with `/v1`, and it appends another.
 */
export class FleetClient {
  readonly agentId: string
  readonly #address: string
  readonly #key: string

  constructor(options: { readonly url: string; readonly apiKey: string; readonly agentId: string }) {
    this.agentId = options.agentId
    this.#address = `${options.url}/v1`
    this.#key = options.apiKey
  }

  async execute(tool: string, input: object): Promise<Reply> {
    const answer = await this.post(tool, input)
    if (answer.status === 402) throw new BudgetExhausted(`Agent ${this.agentId} has exceeded its budget cap. Response: ${answer.text}`)
    if (answer.status >= 400) throw new HttpFault(answer.status, answer.text)
    conform(tool, answer.body)
    return answer.body
  }

  post(tool: string, input: object): Promise<Answer> {
    const { pathname, origin } = new URL(this.#address)
    return send(origin, 'POST', `${pathname}/v1`, { tool, input }, { authorization: `Bearer ${this.#key}` })
  }

  createWallet = (): Promise<Reply> => this.execute('create_wallet', {})
  getBalance = (): Promise<Reply> => this.execute('get_balance', {})
  deposit = (amount: number): Promise<Reply> => this.execute('deposit', { amount: printed(amount) })

  setBudgetCap(dailyLimit: number, monthlyLimit?: number): Promise<Reply> {
    const monthly = monthlyLimit === undefined ? {} : { monthly_limit: printed(monthlyLimit) }
    return this.execute('set_budget_cap', { agent_id: this.agentId, daily_limit: printed(dailyLimit), ...monthly })
  }

  getBudgetStatus = (): Promise<Reply> => this.execute('get_budget_status', { agent_id: this.agentId })

  getUsageAnalytics(startDate: string, endDate: string): Promise<Reply> {
    return this.execute('get_usage_analytics', { agent_id: this.agentId, start_date: startDate, end_date: endDate })
  }

  getBillingSummary(period = 'monthly'): Promise<Reply> {
    return this.execute('get_billing_summary', { agent_id: this.agentId, period })
  }

  getSpendingByCategory(startDate?: string, endDate?: string): Promise<Reply> {
    const span = { ...(startDate === undefined ? {} : { start_date: startDate }), ...(endDate === undefined ? {} : { end_date: endDate }) }
    return this.execute('get_spending_by_category', { agent_id: this.agentId, ...span })
  }

  getVolumeDiscount = (): Promise<Reply> => this.execute('get_volume_discount', { agent_id: this.agentId })

  estimateCost = (tool: string, parameters: object): Promise<Reply> => this.execute('estimate_cost', { tool, parameters })

  convertCurrency(amount: number, from: string, to: string): Promise<Reply> {
    return this.execute('convert_currency', { amount: printed(amount), from_currency: from, to_currency: to })
  }

  getAgentLeaderboard = (metric = 'cost_efficiency'): Promise<Reply> => this.execute('get_agent_leaderboard', { metric })
  getPlatformStats = (): Promise<Reply> => this.execute('get_platform_stats', {})

  createApiKey(label: string, permissions?: readonly string[]): Promise<Reply> {
    return this.execute('create_api_key', { agent_id: this.agentId, label, ...(permissions === undefined ? {} : { permissions }) })
  }

  rotateApiKey = (keyId: string): Promise<Reply> => this.execute('rotate_api_key', { agent_id: this.agentId, key_id: keyId })

  registerWebhook(url: string, events: readonly string[], config?: object): Promise<Reply> {
    return this.execute('register_webhook', { agent_id: this.agentId, url, events, ...(config === undefined ? {} : { config }) })
  }

  listWebhooks = (): Promise<Reply> => this.execute('list_webhooks', { agent_id: this.agentId })

  updateWebhook(
    webhookId: string,
    change: { readonly url?: string; readonly events?: readonly string[]; readonly config?: object },
  ): Promise<Reply> {
    return this.execute('update_webhook', { webhook_id: webhookId, ...change })
  }

  deleteWebhook = (webhookId: string): Promise<Reply> => this.execute('delete_webhook', { webhook_id: webhookId })

  getWebhookLogs = (webhookId: string, limit = 50): Promise<Reply> => this.execute('get_webhook_logs', { webhook_id: webhookId, limit })
}

/** As Python prints a float: `100.0`, `0.1`, `1e-05`, `1e+22`. */
function printed(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** `float(value)`: a text or number that is one; raises where Python would. */
export function float(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value)
  throw new TypeError(`float() argument must be a string or a number, not ${JSON.stringify(value)}`)
}

/** `reply.get(name, default)`. */
export function get<T>(reply: Reply, name: string, otherwise: T): unknown | T {
  return Object.hasOwn(reply, name) ? reply[name] : otherwise
}

/** `f"{value:.2f}"`: a number; raises for text and for None, as Python does. */
export function fixed(value: unknown, decimals: number): string {
  if (typeof value !== 'number') throw new TypeError(`Unknown format code 'f' for ${JSON.stringify(value)}`)
  return value.toFixed(decimals)
}

/** `f"{value:<15}"`: text or a number; raises for None. */
export function padded(value: unknown, width: number): string {
  if (typeof value !== 'number' && typeof value !== 'string') throw new TypeError(`unsupported format string for ${JSON.stringify(value)}`)
  return String(value).padEnd(width)
}

/** Each answer is what the contract says it is: checked at every use of every test. */
function conform(name: string, body: unknown): void {
  const definition = TOOLS.find(({ tool }) => tool === name)
  if (definition === undefined) throw new Error(`${name} is no tool`)
  const first = Value.Errors(definition.answer, [...REFERRED], body).First()
  if (first !== undefined) throw new Error(`${name} answered ${JSON.stringify(body)}; at ${first.path}: ${first.message}`)
}
