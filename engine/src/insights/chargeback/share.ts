import { type AggregateRow, type Dimension, type Filter, knownCost, type Measures, sumMeasures, ZERO_MEASURES } from '../../calls/index.ts'
import { allocate, type Decimal, type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import type { AllocationRule } from './rule.ts'

/** What one value of the dimension is charged. */
export interface ChargedLine {
  readonly value: string
  /** Its own calls, but for those that a rule shares. */
  readonly direct: Measures
  /** Its parts of shared costs. */
  readonly shared: Picos
}

/** What became of the cost that one rule shares. */
export interface SharedPool {
  readonly rule: string
  readonly calls: Measures
  readonly parts: readonly { readonly value: string; readonly amount: Picos }[]
  /** What nobody bears; it is unattributed. */
  readonly rest: Picos
  /** Why there is a rest; null where there is none. */
  readonly reason: string | null
}

/** `lines (direct and shared) + unattributed = total`, exactly. */
export interface Chargeback {
  readonly lines: readonly ChargedLine[]
  /** Calls that say nothing of the dimension and that no rule shares. */
  readonly unattributed: Measures
  readonly pools: readonly SharedPool[]
  readonly total: Measures
}

/**
 * Charges the cost of groups of calls to the values of a dimension. Each row is a group by the dimension and by whatever the rules look at (`dimensions`, in the order
 * of its keys). A group belongs to the first rule that matches it and is borne by that rule's targets; else to its own value; else to nobody.
 */
export function shareCosts(
  rows: readonly AggregateRow[],
  dimensions: readonly Dimension[],
  dimension: Dimension,
  rules: readonly AllocationRule[],
): Chargeback {
  const own = new Map<string, Measures[]>()
  const pooled = new Map<string, Measures[]>()
  const silent: Measures[] = []
  for (const row of rows) {
    const rule = rules.find((one) => isSharedBy(one, row, dimensions))
    const value = row.keys[dimensions.indexOf(dimension)] ?? null
    if (rule !== undefined) listOf(pooled, rule.id).push(row)
    else if (value !== null) listOf(own, value).push(row)
    else silent.push(row)
  }
  const direct = new Map([...own].map(([value, parts]): [string, Measures] => [value, sumMeasures(parts)]))
  const pools = rules.flatMap((rule) => {
    const parts = pooled.get(rule.id)
    return parts === undefined ? [] : [poolOf(rule, sumMeasures(parts), direct)]
  })
  return { lines: linesOf(direct, pools), unattributed: sumMeasures(silent), pools, total: sumMeasures(rows) }
}

/** Whether a rule shares the calls of a group. */
export function isSharedBy({ shared }: AllocationRule, row: AggregateRow, dimensions: readonly Dimension[]): boolean {
  return shared.every((filter) => lets(filter, row, dimensions))
}

function lets({ dimension, in: values }: Filter, row: AggregateRow, dimensions: readonly Dimension[]): boolean {
  return values.includes(row.keys[dimensions.indexOf(dimension)] ?? null)
}

function linesOf(direct: ReadonlyMap<string, Measures>, pools: readonly SharedPool[]): ChargedLine[] {
  const shared = new Map<string, Picos[]>()
  for (const { parts } of pools) for (const { value, amount } of parts) listOf(shared, value).push(amount)
  const values = [...new Set([...direct.keys(), ...shared.keys()])]
  return values.map((value) => ({ value, direct: direct.get(value) ?? ZERO_MEASURES, shared: sumPicos(shared.get(value) ?? []) }))
}

function poolOf(rule: AllocationRule, calls: Measures, direct: ReadonlyMap<string, Measures>): SharedPool {
  const { cost } = calls
  if (knownCost(calls) === null) return { rule: rule.id, calls, parts: [], rest: ZERO, reason: 'no price of any of its calls is known' }
  const { values, weights, outside, reason } = weighed(rule, direct)
  if (reason !== null) return { rule: rule.id, calls, parts: [], rest: cost, reason }
  const parts = allocate(cost, [...weights, outside])
  const rest = parts.at(-1) ?? ZERO
  return {
    rule: rule.id,
    calls,
    parts: values.map((value, index) => ({ value, amount: parts[index] ?? ZERO })),
    rest,
    reason: outside === 0n ? null : 'the percentages add up to less than 100',
  }
}

interface Weighed {
  readonly values: readonly string[]
  readonly weights: readonly bigint[]
  /** Weight of what nobody bears. */
  readonly outside: bigint
  readonly reason: string | null
}

function weighed(rule: AllocationRule, direct: ReadonlyMap<string, Measures>): Weighed {
  const values = valuesOf(rule, direct)
  if (values.length === 0) return nobody('nothing else was spent that the cost could be shared by')
  if (rule.method === 'even') return { values, weights: values.map(() => 1n), outside: 0n, reason: null }
  if (rule.method === 'proportional') {
    const weights = values.map((value) => baseOf(rule, direct.get(value) ?? ZERO_MEASURES))
    if (weights.every((weight) => weight === 0n))
      return nobody(`none of those who share it has ${BASE_WORDS[rule.basis ?? 'cost']} of its own`)
    return { values, weights, outside: 0n, reason: null }
  }
  const stated = rule.targets.map(({ weight }) => weight ?? { digits: 0n, scale: 0 })
  const scale = Math.max(0, ...stated.map((weight) => weight.scale))
  const weights = stated.map((weight) => atScale(weight, scale))
  const sum = weights.reduce((total, weight) => total + weight, 0n)
  const outside = rule.method === 'percent' ? atScale({ digits: 100n, scale: 0 }, scale) - sum : 0n
  return { values, weights, outside, reason: null }
}

const BASE_WORDS = { cost: 'a known cost', calls: 'a call', tokens: 'tokens' } as const

function nobody(reason: string): Weighed {
  return { values: [], weights: [], outside: 1n, reason }
}

/** In the order of the rule, or of their names: it decides who gets what is left over. */
function valuesOf(rule: AllocationRule, direct: ReadonlyMap<string, Measures>): string[] {
  if (rule.targets.length > 0) return rule.targets.map(({ value }) => value)
  return [...direct.keys()].sort((a, b) => (a < b ? -1 : 1))
}

/** A value whose credits outweigh its costs bears nothing. */
function baseOf({ basis }: AllocationRule, sums: Measures): bigint {
  if (basis === 'calls') return BigInt(sums.calls)
  if (basis === 'tokens') return BigInt(sums.inputTokens + sums.outputTokens)
  if (sums.cost < 0n) return 0n
  return sums.cost
}

function atScale({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale)
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key) ?? []
  if (list.length === 0) map.set(key, list)
  return list
}

/** What a line is charged: its own cost and its parts of shared ones. */
export function chargedCost({ direct, shared }: ChargedLine): Picos {
  return picos(direct.cost + shared)
}
