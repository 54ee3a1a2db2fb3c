import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cacheDirectives } from './directives.ts'
import { lastTurn } from './last-turn.ts'
import { type KeyedRequest, requestKeys } from './request-key.ts'

type Body = Readonly<Record<string, unknown>>
interface Table {
  readonly base: KeyedRequest
  readonly pairs: readonly {
    readonly name: string
    readonly change?: Partial<KeyedRequest>
    readonly body?: Body
    readonly exact: 'same' | 'other'
    readonly turn: 'same' | 'other'
  }[]
  readonly notCached: readonly { readonly name: string; readonly body: Body }[]
  readonly turns: readonly { readonly name: string; readonly endpoint: string; readonly body: Body; readonly text: string | null }[]
  readonly directives: readonly { readonly name: string; readonly header: string; readonly [expected: string]: unknown }[]
}
const table: Table = JSON.parse(readFileSync(new URL('../../../../../conformance/gateway/request-keys.json', import.meta.url), 'utf8'))
const KEY = new Uint8Array(32).fill(7)
const base = requestKeys(table.base, KEY)

describe('beside the request of the table', () => {
  it.each(table.pairs)('$name: $exact key, $turn bucket', ({ change, body, exact, turn }) => {
    const keys = requestKeys({ ...table.base, ...change, body: { ...(change?.body ?? table.base.body), ...body } }, KEY)
    expect(keys?.exact === base?.exact).toBe(exact === 'same')
    expect(keys?.turn?.bucket === base?.turn?.bucket).toBe(turn === 'same')
  })

  it('hashes with the key of the installation, and says nothing of the text', () => {
    expect(requestKeys(table.base, new Uint8Array(32).fill(8))?.exact).not.toBe(base?.exact)
    expect(JSON.stringify([base?.exact, base?.turn?.bucket])).not.toContain('brief')
  })
})

describe('is not cached', () => {
  it.each(table.notCached)('$name', ({ body }) =>
    expect(requestKeys({ ...table.base, body: { ...table.base.body, ...body } }, KEY)).toBeNull(),
  )

  it('what nests without end', () => {
    let deep: unknown = 'x'
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(requestKeys({ ...table.base, body: { ...table.base.body, deep } }, KEY)).toBeNull()
  })
})

describe('the last turn', () => {
  it.each(table.turns)('$name', ({ endpoint, body, text }) => {
    const turn = lastTurn(endpoint, body)
    expect(turn?.text ?? null).toBe(text)
    if (turn !== null) expect(JSON.stringify(turn.rest)).not.toContain(JSON.stringify(text))
  })

  it('is not compared when it is very long', () => {
    expect(lastTurn('responses', { input: 'a'.repeat(24_000) })).not.toBeNull()
    expect(lastTurn('responses', { input: 'a'.repeat(24_001) })).toBeNull()
  })
})

describe('what a request says of the cache', () => {
  it.each(table.directives)('$name', ({ name: _, header, ...expected }) => expect(cacheDirectives(header)).toEqual(expected))
  it('in two headers, of which one is there twice', () => {
    expect(cacheDirectives(undefined, 'no-store', ['max-age=9', 'no-cache'])).toEqual({ reads: false, stores: false, maxAgeMs: 9_000 })
  })
})
