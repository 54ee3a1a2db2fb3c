import { divideHalfEven, type Picos, picos, sumPicos } from '../../../kernel/index.ts'
import { type Factors, factorsOf, type ModelFactors, type Price, type Use } from './use.ts'

/** What a cost can change by, in the order of the answer. `other` is what none of them explains: fees, tiers, corrections, unknown prices. */
export const CAUSES = ['volume', 'input_size', 'output_size', 'cache_loss', 'model_swap', 'retries', 'price', 'other'] as const
export type CauseName = (typeof CAUSES)[number]
type Explaining = Exclude<CauseName, 'other'>
const EXPLAINING: readonly Explaining[] = ['volume', 'input_size', 'output_size', 'cache_loss', 'model_swap', 'retries', 'price']

/** Why a cost changed. */
export interface Cause {
  /** The largest part in the direction of the change; null: nothing changed. */
  readonly likely: CauseName | null
  /** Its share of all parts in that direction, from 0 to 1. */
  readonly share: number
  /** Of each cause its part of the change. They add up to it exactly. */
  readonly parts: Readonly<Record<CauseName, Picos>>
  /** What comparable time has cost, brought to the same length; and the difference. */
  readonly before: Picos
  readonly change: Picos
}

/** Comparable time is `of / per` times as long as the time in question: three weeks of the same hours count a third. */
export interface Weight {
  readonly of: bigint
  readonly per: bigint
}

/**
 * Divides the change of a cost among its causes by their Shapley values: the cost is modelled as wanted calls × attempts × (input per call × price of
 * the input, by models and their caches, + output per call × price of the output, by models), and each cause gets what it adds on average over all orders in
 * which the causes could have come. So two causes that multiply share what they make together, and no order is preferred. The model is brought to the
 * cost that was really paid before; what it then does not explain is `other`. Parts are rounded to the pico, and add up to the change exactly.
 */
export function causeOf(before: Use, during: Use, weight: Weight): Cause {
  const paidBefore = scaled(sumPicos(before.models.map(({ cost }) => cost)), weight)
  const change = picos(sumPicos(during.models.map(({ cost }) => cost)) - paidBefore)
  const [from, to] = comparable(factorsOf(before), factorsOf(during), Number(weight.of) / Number(weight.per))
  const modelled = modelledCost(from)
  const toPaid = modelled > 0 && paidBefore > 0n ? Number(paidBefore) / modelled : 1
  const values = shapley((taken) => toPaid * modelledCost(mixed(from, to, taken)))
  const parts = { ...exactParts(values, change) }
  return { ...largest(parts, change), parts, before: paidBefore, change }
}

function scaled(amount: Picos, { of, per }: Weight): Picos {
  return picos(divideHalfEven(amount * of, per))
}

/** Both with the same models; what is not known of one at one time is as at the other. */
function comparable(before: Factors, during: Factors, weight: number): [Factors, Factors] {
  // Nothing was called before: then all there is came with the calls.
  const base = before.wanted === 0 ? { ...during, wanted: 0 } : { ...before, wanted: before.wanted * weight }
  const target = during.wanted === 0 ? { ...base, wanted: 0 } : during
  const names = new Set([...base.models.keys(), ...target.models.keys()])
  return [completed(base, target, names), completed(target, base, names)]
}

function completed(of: Factors, other: Factors, names: ReadonlySet<string>): Factors {
  const models = new Map<string, ModelFactors>()
  for (const name of names) {
    const [own, its] = [of.models.get(name), other.models.get(name)]
    models.set(name, {
      inputShare: own?.inputShare ?? 0,
      outputShare: own?.outputShare ?? 0,
      cache: own?.cache ?? its?.cache ?? null,
      price: own?.price ?? its?.price ?? null,
    })
  }
  return { ...of, models }
}

/** The factors of before, but those that are taken as they were during. */
function mixed(before: Factors, during: Factors, taken: ReadonlySet<Explaining>): Factors {
  const at = (cause: Explaining): Factors => (taken.has(cause) ? during : before)
  const models = new Map<string, ModelFactors>()
  for (const name of before.models.keys()) {
    const shares = at('model_swap').models.get(name)
    models.set(name, {
      inputShare: shares?.inputShare ?? 0,
      outputShare: shares?.outputShare ?? 0,
      cache: at('cache_loss').models.get(name)?.cache ?? null,
      price: at('price').models.get(name)?.price ?? null,
    })
  }
  return {
    wanted: at('volume').wanted,
    attempts: at('retries').attempts,
    inputTokens: at('input_size').inputTokens,
    outputTokens: at('output_size').outputTokens,
    models,
  }
}

const FREE: Price = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 }

function modelledCost({ wanted, attempts, inputTokens, outputTokens, models }: Factors): number {
  let perCall = 0
  for (const { inputShare, outputShare, cache, price } of models.values()) {
    const rate = price ?? FREE
    const { read, write } = cache ?? { read: 0, write: 0 }
    const perInput = (1 - read - write) * rate.input + read * rate.cacheRead + write * rate.cacheWrite
    perCall += inputTokens * inputShare * perInput + outputTokens * outputShare * rate.output
  }
  return wanted * attempts * perCall
}

/** What each cause adds, on average over all orders. With seven causes there are 128 sets of them to ask about. */
function shapley(costOf: (taken: ReadonlySet<Explaining>) => number): Record<Explaining, number> {
  const count = EXPLAINING.length
  const costs = Array.from({ length: 2 ** count }, (_, set) => costOf(new Set(EXPLAINING.filter((_name, place) => (set >> place) & 1))))
  const values: Record<Explaining, number> = {
    volume: 0,
    input_size: 0,
    output_size: 0,
    cache_loss: 0,
    model_swap: 0,
    retries: 0,
    price: 0,
  }
  EXPLAINING.forEach((name, place) => {
    for (let set = 0; set < costs.length; set++) {
      if ((set >> place) & 1) continue
      const size = EXPLAINING.filter((_name, other) => (set >> other) & 1).length
      const orders = (factorial(size) * factorial(count - size - 1)) / factorial(count)
      values[name] += orders * ((costs[set | (1 << place)] ?? 0) - (costs[set] ?? 0))
    }
  })
  return values
}

function factorial(of: number): number {
  return of <= 1 ? 1 : of * factorial(of - 1)
}

/** Statistic → money: each value is rounded to the pico. What rounding leaves goes to the largest, what the model leaves is `other`. */
function exactParts(values: Record<Explaining, number>, change: Picos): Record<CauseName, Picos> {
  const rounded = EXPLAINING.map((name): [Explaining, bigint] => [name, BigInt(Math.round(values[name]))])
  const left = change - rounded.reduce((sum, [, part]) => sum + part, 0n)
  const size = rounded.reduce((sum, [, part]) => sum + magnitude(part), magnitude(change))
  const isRounding = magnitude(left) <= size / ROUNDING_PARTS + BigInt(EXPLAINING.length)
  const [most] = [...rounded].sort(([, one], [, other]) => (magnitude(one) < magnitude(other) ? 1 : -1))
  const entries = rounded.map(([name, part]) => [name, picos(isRounding && name === most?.[0] ? part + left : part)] as const)
  return { ...(Object.fromEntries(entries) as Record<Explaining, Picos>), other: picos(isRounding ? 0n : left) }
}

/** A double has fifteen digits. */
const ROUNDING_PARTS = 10n ** 12n

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}

function largest(parts: Record<CauseName, Picos>, change: Picos): Pick<Cause, 'likely' | 'share'> {
  if (change === 0n) return { likely: null, share: 0 }
  const sign = change > 0n ? 1n : -1n
  const along = CAUSES.map((name) => ({ name, part: sign * parts[name] })).filter(({ part }) => part > 0n)
  const all = along.reduce((sum, { part }) => sum + part, 0n)
  const most = along.reduce((best, each) => (each.part > best.part ? each : best))
  return { likely: most.name, share: Number(most.part) / Number(all) }
}
