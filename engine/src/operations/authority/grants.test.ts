import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Caller, LOCAL_CALLER } from '../context.ts'
import { coversAll, grantedTo, permits } from './grants.ts'

const { cases } = JSON.parse(readFileSync(new URL('../../../../conformance/keys/grants.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly {
    readonly name: string
    readonly maker: readonly string[] | null
    readonly agent?: string
    readonly asked: readonly string[]
    readonly granted?: readonly string[]
    readonly refused: readonly [code: string, detail: string] | null
  }[]
}

const who = (operations: readonly string[] | null): Caller => ({ ...LOCAL_CALLER, operations })

describe('what a new key may do', () => {
  it.each(cases)('$name', ({ maker, agent, asked, granted, refused }) => {
    const result = grantedTo(agent ?? null, asked, who(maker))
    if (refused === null) expect(result).toEqual({ ok: true, value: granted ?? asked })
    else {
      expect(result).toMatchObject({ ok: false, error: { code: refused[0], path: `/operations/${asked.length - 1}` } })
      expect(result.ok ? '' : result.error.detail).toContain(refused[1])
    }
  })
})

describe('a key', () => {
  it('allows by permission, by the name of an operation, or by that of its tool', () => {
    expect(permits(who(null), 'manage', 'set_budget')).toBe(true)
    expect(permits(who(['manage']), 'manage', 'set_budget')).toBe(true)
    expect(permits(who(['set_budget']), 'manage', 'set_budget')).toBe(true)
    expect(permits(who(['set_budget_cap']), 'manage', 'set_budget_cap', 'set_budget')).toBe(true)
    expect(permits(who(['set_budget_cap']), 'manage', 'set_budget')).toBe(false)
    expect(permits(who(['read', 'report']), 'manage', 'set_budget')).toBe(false)
    expect(permits(who([]), 'report', 'ping')).toBe(false)
  })

  it('takes over another only where it may do all that the other may', () => {
    expect(coversAll(who(null), null)).toBe(true)
    expect(coversAll(who(['report', 'read', 'manage']), null)).toBe(false)
    expect(coversAll(who(['manage']), ['rotate_key', 'deposit'])).toBe(true)
    expect(coversAll(who(['rotate_key']), ['rotate_key', 'report'])).toBe(false)
    expect(coversAll(who(['manage']), ['a_name_of_an_older_version'])).toBe(false)
    expect(coversAll(who(['a_name_of_an_older_version']), ['a_name_of_an_older_version'])).toBe(true)
  })
})
