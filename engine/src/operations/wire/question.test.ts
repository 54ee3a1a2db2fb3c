import { describe, expect, it } from 'vitest'
import { type Context, LOCAL_CALLER } from '../context.ts'
import { dimensionOf, questionOf } from './question.ts'

const NOW = Date.parse('2026-11-22T10:30:00Z')
const context = {
  caller: LOCAL_CALLER,
  services: { now: () => NOW, committer: { head: () => 42 } },
} as unknown as Context

const span = (input: object): unknown => {
  const question = questionOf(context, input)
  if (!question.ok) return question.error.code
  const { from, to } = question.value.query
  return [from, to].map((at) => (at === undefined ? null : new Date(at).toISOString()))
}

describe('the time of a question', () => {
  it.each([
    [{}, [null, null]],
    [{ period: 'all' }, [null, null]],
    [{ period: '24h' }, ['2026-11-21T10:30:00.000Z', '2026-11-22T10:30:00.001Z']],
    [{ period: '30d' }, ['2026-10-23T10:30:00.000Z', '2026-11-22T10:30:00.001Z']],
    [{ period: 'today' }, ['2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00.000Z']],
    [{ period: 'today', zone: 'America/New_York' }, ['2026-11-22T05:00:00.000Z', '2026-11-23T05:00:00.000Z']],
    [{ period: 'month' }, ['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z']],
    [{ from: '2026-11-01', to: '2026-11-02T12:00:00+01:00' }, ['2026-11-01T00:00:00.000Z', '2026-11-02T11:00:00.000Z']],
    [{ period: '7d', from: '2026-11-20' }, ['2026-11-20T00:00:00.000Z', '2026-11-22T10:30:00.001Z']],
    [{ period: 'soon' }, 'invalid_period'],
    [{ period: 'constructor' }, 'invalid_period'],
    [{ from: '2026-13-01' }, 'invalid_time'],
    [{ from: '2026-11-02', to: '2026-11-02' }, 'invalid_period'],
  ])('%j', (input, expected) => {
    expect(span(input)).toEqual(expected)
  })
})

describe('the part of the fleet', () => {
  it('is one organization or all, several values by commas, and everything acknowledged so far', () => {
    const question = questionOf(context, { organization_id: 'a', agent: 'x, y', team: '' })
    expect(question).toMatchObject({
      ok: true,
      value: { query: { scope: { organization: 'a' }, where: [{ dimension: 'agent', in: ['x', 'y'] }], atLeast: 42 } },
    })
    expect(questionOf(context, {})).toMatchObject({ ok: true, value: { query: { scope: { allOrganizations: true } } } })
  })

  it('knows dimensions by the names of the tracking fields too', () => {
    expect(['agent_name', 'user', 'workflow_id', 'tag:env'].map((name) => dimensionOf(name))).toEqual([
      { ok: true, value: 'agent' },
      { ok: true, value: 'user' },
      { ok: true, value: 'run' },
      { ok: true, value: 'tag:env' },
    ])
    expect(dimensionOf('tag:')).toMatchObject({ ok: false, error: { code: 'unknown_dimension' } })
    expect(dimensionOf('constructor')).toMatchObject({ ok: false })
  })
})
