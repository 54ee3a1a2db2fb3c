import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CallFact, EVERYTHING, START, usd, worldStore } from '../../../../conformance/insights/world.ts'
import type { Dimension, Filter } from '../../calls/index.ts'
import { parseDecimal, picos, sumPicos, usdOfPicos } from '../../kernel/index.ts'
import { chargeback } from './chargeback.ts'
import type { AllocationMethod, AllocationRule } from './rule.ts'
import { chargedCost } from './share.ts'

const DAY = 86_400_000

type CaseCall = CallFact & { readonly day?: number }
interface CaseRule {
  readonly method: AllocationMethod
  readonly basis?: AllocationRule['basis']
  readonly dimension?: Dimension
  readonly shared?: readonly Filter[]
  readonly targets?: readonly (string | readonly [string, string])[]
  readonly fromDay?: number
  readonly toDay?: number
}
interface Case {
  readonly name: string
  readonly calls: string | readonly CaseCall[]
  readonly rules: readonly CaseRule[]
  readonly lines: readonly (readonly [string, string, string])[]
  readonly unattributed: string
  readonly reason?: string
}

const table = JSON.parse(readFileSync(new URL('../../../../conformance/chargeback/sharing.json', import.meta.url), 'utf8')) as {
  readonly calls: Readonly<Record<string, readonly CaseCall[]>>
  readonly cases: readonly Case[]
}

function ruleOf(rule: CaseRule, index: number): AllocationRule {
  return {
    id: `rule_${index}`,
    name: null,
    dimension: rule.dimension ?? 'cost_center',
    shared: rule.shared ?? [{ dimension: 'agent', in: ['router'] }],
    method: rule.method,
    basis: rule.basis ?? null,
    targets: (rule.targets ?? []).map((target) =>
      typeof target === 'string' ? { value: target, weight: null } : { value: target[0], weight: parseDecimal(target[1]) },
    ),
    from: rule.fromDay === undefined ? null : START + rule.fromDay * DAY,
    to: rule.toDay === undefined ? null : START + rule.toDay * DAY,
  }
}

function storeOf(calls: readonly CaseCall[]) {
  return worldStore({ calls: calls.map(({ day, ...call }, index) => ({ ...call, at: START + (day ?? 0) * DAY + index })) })
}

describe('chargeback', () => {
  it.each(table.cases)('$name', async ({ calls, rules, lines, unattributed, reason }) => {
    const facts = typeof calls === 'string' ? (table.calls[calls] ?? []) : calls
    const charged = await chargeback(storeOf(facts), { ...EVERYTHING, groupBy: 'cost_center', rules: rules.map(ruleOf) })
    expect(charged.lines.map((line) => [line.value, usdOfPicos(line.direct.cost), usdOfPicos(line.shared)])).toEqual(lines)
    const rests = charged.pools.map(({ rest }) => rest)
    expect(usdOfPicos(picos(charged.unattributed.cost + sumPicos(rests)))).toBe(unattributed)
    const reasons = charged.pools.flatMap((pool) => pool.reason ?? [])
    if (reason === undefined) expect(reasons).toEqual([])
    else expect(reasons.join()).toContain(reason)
  })

  it('adds up to the total exactly, whatever the calls and rules are', async () => {
    const name = fc.constantFrom('a', 'b', 'c', null)
    const call = fc.record({
      costCenter: name,
      agent: name,
      team: name,
      cost: fc.option(fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }).map((amount) => usdOfPicos(picos(amount)))),
      day: fc.integer({ min: 0, max: 5 }),
    })
    const target = fc.constantFrom('a', 'b', 'x')
    const rule = fc.record({
      method: fc.constantFrom<AllocationMethod>('percent', 'weights', 'even', 'proportional'),
      basis: fc.constantFrom('cost' as const, 'calls' as const, 'tokens' as const),
      shared: fc.array(
        fc.record({
          dimension: fc.constantFrom<Dimension>('agent', 'team', 'cost_center'),
          in: fc.array(name, { minLength: 1, maxLength: 2 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      targets: fc.uniqueArray(fc.tuple(target, fc.integer({ min: 1, max: 33 }).map(String)), {
        minLength: 1,
        maxLength: 3,
        selector: ([value]) => value,
      }),
      fromDay: fc.integer({ min: 0, max: 3 }),
      toDay: fc.integer({ min: 4, max: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 30 }), fc.array(rule, { maxLength: 3 }), async (calls, rules) => {
        const charged = await chargeback(storeOf(calls), { ...EVERYTHING, groupBy: 'cost_center', rules: rules.map(ruleOf) })
        const known = sumPicos(calls.map(({ cost }) => (cost === null ? usd('0') : usd(cost))))
        const parts = [...charged.lines.map(chargedCost), charged.unattributed.cost, ...charged.pools.map(({ rest }) => rest)]
        expect(sumPicos(parts)).toBe(known)
        expect(charged.total.cost).toBe(known)
        expect(charged.total.calls).toBe(calls.length)
        for (const pool of charged.pools) expect(sumPicos([...pool.parts.map(({ amount }) => amount), pool.rest])).toBe(pool.calls.cost)
      }),
    )
  })
})
