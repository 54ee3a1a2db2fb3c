import { type Picos, picos } from '../../kernel/index.ts'

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

/** What one model of one seller was used for in some time. Input includes cache reads and writes. */
export interface ModelUse {
  readonly calls: number
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  readonly cost: Picos
  /** What a token of each kind is listed at, in any unit: only their proportions are read. Null: not known. */
  readonly listed: TokenPrices | null
}

export interface TokenPrices {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
}

/** What some outcomes took. */
export interface OutcomeUse {
  readonly outcomes: number
  /** Tries, good and bad: runs that were begun, or all calls. */
  readonly attempts: number
  /** Of them, those that did not fail. */
  readonly succeeded: number
  /** By a name for model and seller. */
  readonly models: ReadonlyMap<string, ModelUse>
}

/**
 * Divides the change of a cost per outcome among its levers by their Shapley values: the cost is written as attempts per success × calls per attempt that
 * succeeded × the sum over models of their share of calls × (input × its price, by cache share, + output × its price), and each lever gets what it adds on average over
 * all orders in which the levers could have moved. Levers that multiply share what they make together, and no order is preferred. Prices are what was paid, in the proportions
 * of the rates, so nothing is left over. The parts are rounded to the pico, the largest takes what that leaves, and they add up to `change` exactly. Both sides have outcomes.
 */
export function leversOf(before: OutcomeUse, after: OutcomeUse, change: Picos): Readonly<Record<Lever, Picos>> {
  const [from, to] = comparable(factorsOf(before), factorsOf(after))
  const values = shapley((taken) => modelled(from, to, taken))
  const rounded = values.map((value) => BigInt(Math.round(value)))
  const left = change - rounded.reduce((sum, part) => sum + part, 0n)
  const most = rounded.reduce((best, part, index) => (magnitude(part) > magnitude(rounded[best] ?? 0n) ? index : best), 0)
  const parts = LEVERS.map((lever, index) => [lever, picos((rounded[index] ?? 0n) + (index === most ? left : 0n))] as const)
  return Object.fromEntries(parts) as Record<Lever, Picos>
}

/** From here on this is a statistic, in plain numbers. */
interface Factors {
  readonly perSuccess: number
  readonly callsPerOutcome: number
  readonly models: ReadonlyMap<string, ModelFactors>
}

interface ModelFactors {
  readonly share: number
  readonly input: number
  readonly output: number
  readonly cache: { readonly read: number; readonly write: number }
  readonly price: TokenPrices & { readonly call: number }
}

function factorsOf({ outcomes, attempts, succeeded, models }: OutcomeUse): Factors {
  let calls = 0
  for (const use of models.values()) calls += use.calls
  const perSuccess = succeeded === 0 ? 1 : attempts / succeeded
  return {
    perSuccess,
    callsPerOutcome: calls / outcomes / perSuccess,
    models: new Map([...models].map(([name, use]) => [name, modelFactors(use, calls)])),
  }
}

function modelFactors(use: ModelUse, calls: number): ModelFactors {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = use
  return {
    share: ratio(use.calls, calls),
    input: ratio(inputTokens, use.calls),
    output: ratio(outputTokens, use.calls),
    cache: { read: ratio(cacheReadTokens, inputTokens), write: ratio(cacheWriteTokens, inputTokens) },
    price: paid(use),
  }
}

/** What was paid for a token of each kind: the listed prices brought to the cost, else one price for all tokens, else one for each call. */
function paid(use: ModelUse): ModelFactors['price'] {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = use
  const cost = Number(use.cost)
  const plain = inputTokens - cacheReadTokens - cacheWriteTokens
  for (const listed of [use.listed, EVEN]) {
    if (listed === null) continue
    const at =
      plain * listed.input + cacheReadTokens * listed.cacheRead + cacheWriteTokens * listed.cacheWrite + outputTokens * listed.output
    if (at <= 0) continue
    const times = cost / at
    return {
      input: listed.input * times,
      cacheRead: listed.cacheRead * times,
      cacheWrite: listed.cacheWrite * times,
      output: listed.output * times,
      call: 0,
    }
  }
  return { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, call: ratio(cost, use.calls) }
}

const EVEN: TokenPrices = { input: 1, cacheRead: 1, cacheWrite: 1, output: 1 }

/** Both with the same models: one that was not called at one time would have been called there as at the other. */
function comparable(before: Factors, after: Factors): [Factors, Factors] {
  return [completed(before, after), completed(after, before)]
}

function completed(of: Factors, other: Factors): Factors {
  const missing = [...other.models].filter(([name]) => !of.models.has(name)).map(([name, model]) => [name, { ...model, share: 0 }] as const)
  return { ...of, models: new Map([...of.models, ...missing]) }
}

/** The cost of an outcome with the levers that are taken as they are after, and the others as they were before. */
function modelled(before: Factors, after: Factors, taken: ReadonlySet<Lever>): number {
  const at = (lever: Lever): Factors => (taken.has(lever) ? after : before)
  let perCall = 0
  for (const name of before.models.keys()) {
    const [share, input, output, cache, price] = [
      at('model_mix').models.get(name)?.share ?? 0,
      at('input_per_call').models.get(name)?.input ?? 0,
      at('output_per_call').models.get(name)?.output ?? 0,
      at('cache_share').models.get(name)?.cache ?? { read: 0, write: 0 },
      at('unit_price').models.get(name)?.price ?? { ...EVEN, call: 0 },
    ]
    const perInput = (1 - cache.read - cache.write) * price.input + cache.read * price.cacheRead + cache.write * price.cacheWrite
    perCall += share * (price.call + input * perInput + output * price.output)
  }
  return at('failure_share').perSuccess * at('calls_per_outcome').callsPerOutcome * perCall
}

/** What each lever adds on average over all orders. With seven levers there are 128 sets of them to ask about. */
function shapley(costOf: (taken: ReadonlySet<Lever>) => number): number[] {
  const sets = 2 ** LEVERS.length
  const costs = Array.from({ length: sets }, (_, set) => costOf(new Set(LEVERS.filter((_lever, place) => (set >> place) & 1))))
  return LEVERS.map((_, place) => {
    let value = 0
    for (let set = 0; set < sets; set++) {
      if ((set >> place) & 1) continue
      const size = LEVERS.filter((_lever, other) => (set >> other) & 1).length
      value += ((costs[set | (1 << place)] ?? 0) - (costs[set] ?? 0)) * weightOf(size)
    }
    return value
  })
}

/** The share of orders in which exactly so many levers come before one. */
function weightOf(size: number): number {
  return (factorial(size) * factorial(LEVERS.length - size - 1)) / factorial(LEVERS.length)
}

function factorial(of: number): number {
  return of <= 1 ? 1 : of * factorial(of - 1)
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}
