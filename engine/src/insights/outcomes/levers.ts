import { divideHalfEven, type Picos, picos } from '../../kernel/index.ts'
import { type CauseName, causeOf, type ModelUse, type TokenRates, type Use } from '../anomaly/index.ts'

/** What the cost of an outcome can change by, in the order of the answer. */
export const LEVERS = [
  'failure_share',
  'calls_per_outcome',
  'model_mix',
  'input_per_call',
  'output_per_call',
  'cache_share',
  'unit_price',
] as const
export type Lever = (typeof LEVERS)[number]

/** What some outcomes took. */
export interface OutcomeUse {
  readonly outcomes: number
  /** Tries, good and bad: runs that were begun, or all calls; and those of them that did not fail. */
  readonly attempts: number
  readonly succeeded: number
  readonly models: readonly ModelUse[]
  /** What is known to have been charged then, by the name of a model. */
  readonly rates: ReadonlyMap<string, TokenRates>
}

/**
 * Divides the change of a cost per outcome among its levers. It is the change of the cost of as many outcomes as there are now, divided among its causes as that of an
 * anomaly is (Shapley values), for each outcome. What no cause explains is paid for the same work: fees, tiers, corrections, so it is part of the unit
 * price. Each part is rounded to the pico, the largest takes what that leaves, and they add up to `change` exactly. Both sides have outcomes.
 */
export function leversOf(before: OutcomeUse, after: OutcomeUse, change: Picos): Readonly<Record<Lever, Picos>> {
  const { parts } = causeOf(useOf(before), useOf(after), { of: BigInt(after.outcomes), per: BigInt(before.outcomes) })
  const rounded = LEVERS.map((lever) => {
    const part = CAUSES_OF[lever].reduce((sum, cause) => sum + parts[cause], 0n)
    return divideHalfEven(part, BigInt(after.outcomes))
  })
  const left = change - rounded.reduce((sum, part) => sum + part, 0n)
  const most = rounded.reduce((best, part, index) => (magnitude(part) > magnitude(rounded[best] ?? 0n) ? index : best), 0)
  const entries = LEVERS.map((lever, index) => [lever, picos((rounded[index] ?? 0n) + (index === most ? left : 0n))] as const)
  return Object.fromEntries(entries) as Record<Lever, Picos>
}

const CAUSES_OF: Readonly<Record<Lever, readonly CauseName[]>> = {
  failure_share: ['retries'],
  calls_per_outcome: ['volume'],
  model_mix: ['model_swap'],
  input_per_call: ['input_size'],
  output_per_call: ['output_size'],
  cache_share: ['cache_loss'],
  unit_price: ['price', 'other'],
}

/** Calls in the proportion of the tries that failed were made for others. Which calls failed is not asked: a run may fail without any. */
function useOf({ attempts, succeeded, models, rates }: OutcomeUse): Use {
  const calls = models.reduce((sum, use) => sum + use.calls, 0)
  const repeats = attempts === 0 ? 0 : Math.round((calls * (attempts - succeeded)) / attempts)
  return { models: models.map((use) => countable({ ...use, failed: 0 })), repeats, rates }
}

/** What is paid for without any tokens is paid for by the call: each counts as one. */
function countable(use: ModelUse): ModelUse {
  return use.inputTokens === 0 && use.outputTokens === 0 ? { ...use, inputTokens: use.calls } : use
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}
