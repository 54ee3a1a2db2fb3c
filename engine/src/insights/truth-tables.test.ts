import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CallFact, EVERYTHING, type WorldFacts, worldStore } from '../../../conformance/insights/world.ts'
import type { Dimension } from '../calls/index.ts'
import { type Picos, usdOfPicos } from '../kernel/index.ts'
import { spendByAgent } from './agents.ts'
import { attribution } from './attribution.ts'
import { workflowPerformance } from './workflow.ts'

interface Case extends WorldFacts {
  readonly name: string
  readonly calls: readonly CallFact[]
  readonly limit?: number
  readonly expect: object | null
}

function table<Extra>(name: string): (Case & Extra)[] {
  const cases: (Case & Extra)[] = JSON.parse(readFileSync(new URL(`../../../conformance/insights/${name}.json`, import.meta.url), 'utf8'))
  expect(cases.length).toBeGreaterThan(0)
  return cases
}

function text(amount: Picos | null): string | null {
  return amount === null ? null : usdOfPicos(amount)
}

describe('spend by agent', () => {
  it.each(table('agents'))('$name', async ({ expect: expected, limit, ...facts }) => {
    const answer = await spendByAgent(worldStore(facts), { ...EVERYTHING, limit: limit ?? 100 })
    expect({
      agents: answer.agents.map(({ agent, calls, tokens, cost, modelsUsed, failed, unpriced }) => ({
        agent,
        calls,
        tokens,
        cost: text(cost),
        modelsUsed,
        failed,
        unpriced,
      })),
      total: text(answer.total.cost),
      unattributed: text(answer.unattributed.cost),
      others: text(answer.others?.cost ?? null),
    }).toEqual(expected)
  })
})

describe('attribution', () => {
  it.each(table<{ groupBy: Dimension }>('attribution'))('$name', async ({ expect: expected, limit, groupBy, ...facts }) => {
    const answer = await attribution(worldStore(facts), { ...EVERYTHING, groupBy, limit: limit ?? 100 })
    expect({
      lines: answer.lines.map(({ value, cost, tokens, executions }) => [
        value,
        text(cost),
        tokens,
        ...(executions === undefined ? [] : [executions]),
      ]),
      unattributed: text(answer.unattributed.cost),
      others: text(answer.others?.cost ?? null),
      total: text(answer.total.cost),
    }).toEqual(expected)
  })
})

describe('workflow performance', () => {
  it.each(table<{ workflow: string }>('workflows'))('$name', async ({ expect: expected, workflow, ...facts }) => {
    const answer = await workflowPerformance(worldStore(facts), { ...EVERYTHING, workflow })
    if (answer === null || expected === null) expect(answer).toBe(expected)
    else expect({ ...answer, cost: text(answer.cost), averageCost: text(answer.averageCost) }).toMatchObject(expected)
  })
})
