import { type Dice, diceOf } from '../../../sim/dice.ts'
import type { ModelUse, TokenRates } from '../../../src/insights/index.ts'
import { picos } from '../../../src/kernel/index.ts'
import { AGENTS, type AgentProfile, TARIFFS } from './agents.ts'
import { FAULT_KINDS, type Fault, faultOf, UNDISTURBED } from './faults.ts'

const WEEK_HOURS = 168
const FLEET_WEEKS = 10
/** Faults begin after so many weeks, or in the one after it. */
const CLEAN_WEEKS = 5
const DEAREST = 'largest'

/** What an agent spent in one hour. */
export interface AgentHour {
  readonly models: readonly ModelUse[]
  readonly repeats: number
  readonly priceTimes: number
}

/** Weeks of one agent, and what went wrong in them; null: nothing. */
export interface AgentWeeks {
  readonly agent: AgentProfile
  readonly hours: readonly AgentHour[]
  readonly fault: Fault | null
}

/** A fleet over weeks, from a seed. Every agent has one fault, or, in every third world of it, none. */
export function fleetOf(seed: number): AgentWeeks[] {
  return AGENTS.map((agent, index) => {
    const dice = diceOf(seed, agent.name)
    const kind = FAULT_KINDS[(seed + index) % FAULT_KINDS.length]
    const fault =
      kind === undefined || ((seed + index) % 3 === 2 && seed % 2 === 0)
        ? null
        : faultOf(kind, startOf(agent, kind, dice), usualRate(agent), dice)
    const hours = Array.from({ length: FLEET_WEEKS * WEEK_HOURS }, (_, step) => hourOf(agent, step, fault, dice))
    return { agent, hours, fault }
  })
}

/** In an hour in which the agent works; being stuck at night begins at ten in the evening. */
function startOf(agent: AgentProfile, kind: Fault['kind'], dice: Dice): number {
  const earliest = CLEAN_WEEKS * WEEK_HOURS + dice.below(WEEK_HOURS)
  for (let step = earliest; ; step++) {
    if (kind === 'stuck at night' ? step % 24 === 22 : agent.rate(step % WEEK_HOURS) >= 0.5 * usualRate(agent)) return step
  }
}

/** What an agent does in an hour in which it works. */
function usualRate(agent: AgentProfile): number {
  const rates = Array.from({ length: WEEK_HOURS }, (_, hour) => agent.rate(hour)).sort((a, b) => b - a)
  return rates[Math.floor(rates.length / 10)] ?? 0
}

function hourOf(agent: AgentProfile, step: number, fault: Fault | null, dice: Dice): AgentHour {
  const disturbed = fault !== null && step >= fault.start && step < fault.end ? fault.at(step) : UNDISTURBED
  const growth = (1 + agent.growth) ** (step / WEEK_HOURS)
  const noise = Math.exp(agent.hourly * normal(dice))
  const wanted = poisson(agent.rate(step % WEEK_HOURS) * growth * noise * disturbed.calls + disturbed.added, dice)
  const sums = new Map<string, { -readonly [K in keyof ModelUse]: ModelUse[K] }>()
  let repeats = 0
  for (let call = 0; call < wanted; call++) {
    const model = disturbed.swapped > 0 && dice.below(1_000) < disturbed.swapped * 1_000 ? DEAREST : agent.model
    const failed = poisson(agent.failing + disturbed.retries, dice)
    const input = Math.round(agent.inputTokens * disturbed.inputTokens * Math.exp(agent.spread * normal(dice)))
    const cached = Math.floor(input * Math.min(1, agent.cached * disturbed.cached * (0.9 + dice.below(200) / 1_000)))
    const output = Math.round(agent.outputTokens * disturbed.outputTokens * Math.exp(agent.spread * normal(dice)))
    repeats += failed
    const sum = sums.get(model) ?? {
      model,
      calls: 0,
      failed: 0,
      inputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 0,
      cost: picos(0n),
    }
    sum.calls += 1 + failed
    sum.failed += failed
    sum.inputTokens += input * (1 + failed)
    sum.cacheReadTokens += cached * (1 + failed)
    // A failed try has read its input and broken off.
    sum.outputTokens += output + Math.floor((output * failed) / 4)
    sums.set(model, sum)
  }
  const models = [...sums.values()].map((sum) => ({ ...sum, cost: costOf(sum, disturbed.price) }))
  return { models, repeats, priceTimes: disturbed.price }
}

function costOf(sum: ModelUse, times: number): ModelUse['cost'] {
  const rates = ratesOf(sum.model, times)
  const amount =
    BigInt(sum.inputTokens - sum.cacheReadTokens) * rates.input +
    BigInt(sum.cacheReadTokens) * rates.cacheRead +
    BigInt(sum.outputTokens) * rates.output
  return picos(amount / 1_000_000n)
}

/** What a model charges while a price is multiplied. */
export function ratesOf(model: string, times: number): TokenRates {
  const tariff = TARIFFS.get(model) ?? { input: 0n, cacheRead: 0n, output: 0n }
  const rate = (amount: bigint) => picos(amount * BigInt(Math.round(times * 1_000_000)))
  return { input: rate(tariff.input), cacheRead: rate(tariff.cacheRead), cacheWrite: rate(tariff.input), output: rate(tariff.output) }
}

function normal(dice: Dice): number {
  const [one, other] = [(dice.below(1_000_000) + 1) / 1_000_001, dice.below(1_000_000) / 1_000_000]
  return Math.sqrt(-2 * Math.log(one)) * Math.cos(2 * Math.PI * other)
}

function poisson(mean: number, dice: Dice): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(dice)))
  const limit = Math.exp(-mean)
  let product = 1
  for (let count = 0; ; count++) {
    product *= (dice.below(1_000_000) + 1) / 1_000_001
    if (product <= limit) return count
  }
}
