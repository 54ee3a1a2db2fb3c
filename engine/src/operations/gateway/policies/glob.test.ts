import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globsMeet, matchesGlob } from './glob.ts'

interface Table {
  readonly matches: readonly { readonly name: string; readonly glob: string; readonly text: string; readonly matches: boolean }[]
  readonly meet: readonly { readonly name: string; readonly one: string; readonly other: string; readonly meet: boolean }[]
}
const table: Table = JSON.parse(readFileSync(new URL('../../../../../conformance/gateway/globs.json', import.meta.url), 'utf8'))

describe('a pattern matches', () => {
  it.each(table.matches)('$name', ({ glob, text, matches }) => expect(matchesGlob(glob, text)).toBe(matches))
})

describe('two patterns meet', () => {
  it.each(table.meet)('$name', ({ one, other, meet }) => expect([globsMeet(one, other), globsMeet(other, one)]).toEqual([meet, meet]))
})

const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 7 })
const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 })

it('matches what the regular expression of the pattern matches', () => {
  fc.assert(
    fc.property(glob, text, (pattern, value) => {
      expect(matchesGlob(pattern, value)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value))
    }),
    { numRuns: 500 },
  )
})

it('never says that patterns do not meet which match the same text, and finds one where it says that they do', () => {
  let longest = ['']
  const short = ['']
  for (let length = 1; length <= 8; length++) {
    longest = longest.flatMap((start) => [`${start}a`, `${start}b`])
    short.push(...longest)
  }
  const small = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 })
  fc.assert(
    fc.property(small, small, (one, other) => {
      const common = short.some((value) => matchesGlob(one, value) && matchesGlob(other, value))
      expect(globsMeet(one, other)).toBe(common)
    }),
    { numRuns: 300 },
  )
})
