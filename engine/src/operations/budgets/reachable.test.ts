import { describe, expect, it } from 'vitest'
import rows from '../../../../conformance/budgets/reachable.json' with { type: 'json' }
import { assert, parsePeriod, picosOfUsd } from '../../kernel/index.ts'
import type { BudgetDimension, BudgetMode } from '../../ledger/index.ts'
import { type Reach, reachable } from './reachable.ts'

/** `<dimension> <value> <period> <zone> <limit> [mode]` */
function budget(text: string): Reach {
  const [dimension, value = '', span = '', zone = '', usd = '', mode = 'hard'] = text.split(' ')
  const [period, limit] = [parsePeriod(span), picosOfUsd(usd)]
  assert(period.ok && limit !== null, 'the table has periods and amounts that exist')
  return {
    organization: 'org',
    dimension: dimension as BudgetDimension,
    value,
    period: period.value,
    zone,
    limit,
    mode: mode as BudgetMode,
  }
}

describe('a budget that is set', () => {
  it.each(rows)('$name: $is', ({ there = [], set, is }) => {
    const others = there.map((text, at) => ({ ...budget(text), id: `b${at}` }))
    const answer = reachable(budget(set), others)
    expect(answer.ok ? 'ok' : answer.error.path).toBe(is)
    if (!answer.ok && is === '/limit_usd') expect(answer.error).toMatchObject({ code: 'invalid_field', facts: { budget_id: 'b0' } })
  })
})
