import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import { cheapestRoute, explainedRoute, type RouteCandidate } from './cheapest-route.ts'

interface Case {
  readonly name: string
  readonly floor: number
  readonly most: string | null
  readonly candidates: readonly (Pick<RouteCandidate, 'model'> & {
    readonly upstream?: string
    readonly quality?: number
    readonly expected?: string
    readonly worst?: string
    readonly ruledOut?: RouteCandidate['ruledOut']
  })[]
  readonly chosen: string | null
  readonly explained: string
}
const { cases }: { cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../../../../conformance/gateway/routes.json', import.meta.url), 'utf8'),
)

describe('the cheapest route', () => {
  it.each(cases)('$name', ({ floor, most, candidates, chosen, explained }) => {
    const read = candidates.map(({ model, upstream, quality, expected, worst, ruledOut }) => ({
      model,
      upstream: upstream ?? null,
      quality: quality ?? null,
      expected: expected === undefined ? null : picos(BigInt(expected)),
      worstCase: worst === undefined ? null : picos(BigInt(worst)),
      ruledOut: ruledOut ?? null,
    }))
    const choice = cheapestRoute(read, { floor, most: most === null ? null : picos(BigInt(most)) })
    expect(choice.chosen?.model ?? null).toBe(chosen)
    expect(explainedRoute(choice)).toBe(explained)
  })
})

const amount = fc.option(
  fc.integer({ min: 0, max: 5 }).map((value) => picos(BigInt(value))),
  { freq: 6 },
)
const candidate: fc.Arbitrary<RouteCandidate> = fc.record({
  model: fc.constantFrom('a', 'b', 'c'),
  upstream: fc.constant(null),
  quality: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 6 }),
  expected: amount,
  worstCase: amount,
  ruledOut: fc.constantFrom(null, null, 'too_long', 'over_budget'),
})
const asked = fc.record({ floor: fc.integer({ min: 0, max: 3 }), most: amount })
const all = fc.array(candidate, { maxLength: 8 })

describe('laws of the cheapest route', () => {
  it('takes one that qualifies and fits whenever there is one, and none that qualifies and fits is cheaper', () => {
    fc.assert(
      fc.property(all, asked, (candidates, { floor, most }) => {
        const { chosen, considered } = cheapestRoute(candidates, { floor, most })
        const able = candidates.filter(
          ({ quality, expected, worstCase, ruledOut }) =>
            quality !== null &&
            quality >= floor &&
            ruledOut === null &&
            expected !== null &&
            worstCase !== null &&
            (most === null || worstCase <= most),
        )
        expect(chosen === null).toBe(able.length === 0)
        for (const other of able) expect(chosen!.expected! <= other.expected!).toBe(true)
        const same = able.filter(({ expected }) => expected === chosen!.expected)
        for (const other of same) expect(chosen!.worstCase! <= other.worstCase!).toBe(true)
        expect(considered.map((each) => each.candidate)).toEqual(candidates)
        expect(considered.filter(({ verdict }) => verdict === 'chosen')).toHaveLength(chosen === null ? 0 : 1)
      }),
      { numRuns: 500 },
    )
  })

  it('takes the first of equals, and a lower floor or more room never makes it dearer', () => {
    fc.assert(
      fc.property(all, asked, (candidates, { floor, most }) => {
        const { chosen } = cheapestRoute(candidates, { floor, most })
        const first = candidates.find(
          (one) =>
            one.quality !== null &&
            one.quality >= floor &&
            one.ruledOut === null &&
            one.expected === chosen?.expected &&
            one.worstCase === chosen?.worstCase,
        )
        if (chosen !== null) expect(candidates.indexOf(chosen)).toBe(candidates.indexOf(first!))
        const looser = cheapestRoute(candidates, { floor: floor - 1, most: null }).chosen
        if (chosen !== null) expect(looser!.expected! <= chosen.expected!).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
