import { addMeasures, type CallQuery, type CallStore, type Dimension, sumMeasures, ZERO_MEASURES } from '../../calls/index.ts'
import { type Millis, type Picos, picos, sumPicos, ZERO } from '../../kernel/index.ts'
import type { AllocationRule } from './rule.ts'
import { type Chargeback, type ChargedLine, chargedCost, type SharedPool, shareCosts } from './share.ts'

export interface ChargebackQuestion extends CallQuery {
  readonly groupBy: Dimension
  /** In the order in which they are applied: a call belongs to the first that matches it. */
  readonly rules: readonly AllocationRule[]
}

/**
 * Who is charged what? Every call is in one line, shared by one rule, or unattributed. A rule that holds for a part of the time is applied to that part: the time is cut
 * where rules begin and end, and each stretch is shared by itself. Lines are the dearest first.
 */
export async function chargeback(store: CallStore, question: ChargebackQuestion): Promise<Chargeback> {
  const { groupBy, rules, ...query } = question
  const concerned = rules.filter(({ dimension }) => dimension === groupBy)
  const parts = await Promise.all(
    stretches(query, concerned).map(async (stretch) => {
      const held = concerned.filter((rule) => holdsFor(rule, stretch))
      const dimensions = [...new Set([groupBy, ...held.flatMap(({ shared }) => shared.map(({ dimension }) => dimension))])]
      const rows = await store.aggregate({ ...query, ...bounds(stretch), groupBy: dimensions })
      return shareCosts(rows, dimensions, groupBy, held)
    }),
  )
  return chargedTogether(parts)
}

export interface Stretch {
  readonly from: Millis | null
  readonly to: Millis | null
}

export function stretches({ from, to }: CallQuery, rules: readonly AllocationRule[]): Stretch[] {
  const cuts = [...new Set(rules.flatMap((rule) => [rule.from, rule.to]))]
    .filter((cut) => cut !== null)
    .filter((cut) => (from === undefined || cut > from) && (to === undefined || cut < to))
    .sort((a, b) => a - b)
  const edges = [from ?? null, ...cuts, to ?? null]
  return edges.slice(1).map((end, index) => ({ from: edges[index] ?? null, to: end }))
}

export function holdsFor(rule: AllocationRule, { from, to }: Stretch): boolean {
  return (rule.from === null || (from !== null && rule.from <= from)) && (rule.to === null || (to !== null && rule.to >= to))
}

export function bounds({ from, to }: Stretch): Pick<CallQuery, 'from' | 'to'> {
  return { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) }
}

/** Several charges of different calls as one. Lines are the dearest first. */
export function chargedTogether(parts: readonly Chargeback[]): Chargeback {
  const lines = new Map<string, ChargedLine>()
  for (const line of parts.flatMap((part) => part.lines)) {
    const known = lines.get(line.value) ?? { value: line.value, direct: ZERO_MEASURES, shared: ZERO }
    lines.set(line.value, { ...known, direct: addMeasures(known.direct, line.direct), shared: picos(known.shared + line.shared) })
  }
  return {
    lines: [...lines.values()].sort(dearestFirst),
    unattributed: sumMeasures(parts.map((part) => part.unattributed)),
    pools: poolsTogether(parts.flatMap((part) => part.pools)),
    total: sumMeasures(parts.map((part) => part.total)),
  }
}

function poolsTogether(pools: readonly SharedPool[]): SharedPool[] {
  const ids = [...new Set(pools.map(({ rule }) => rule))]
  return ids.map((rule) => {
    const own = pools.filter((pool) => pool.rule === rule)
    const parts = new Map<string, Picos>()
    for (const { value, amount } of own.flatMap((pool) => pool.parts)) parts.set(value, picos((parts.get(value) ?? ZERO) + amount))
    return {
      rule,
      calls: sumMeasures(own.map(({ calls }) => calls)),
      parts: [...parts].map(([value, amount]) => ({ value, amount })),
      rest: sumPicos(own.map(({ rest }) => rest)),
      reason: own.find(({ reason }) => reason !== null)?.reason ?? null,
    }
  })
}

function dearestFirst(a: ChargedLine, b: ChargedLine): number {
  const [left, right] = [chargedCost(a), chargedCost(b)]
  if (left === right) return a.value < b.value ? -1 : 1
  return left > right ? -1 : 1
}
