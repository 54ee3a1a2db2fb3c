import { uniformBigInt } from 'pure-rand/distribution/uniformBigInt'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { skipN } from 'pure-rand/utils/skipN'

/** Everything random in a simulation. */
export interface Dice {
  /** A whole number in `[0, limit)`. */
  below(limit: number): number
  bigBelow(limit: bigint): bigint
  /** True so many times out of a thousand. */
  perMille(chance: number): boolean
  pick<const T>(choices: readonly T[]): T
  /** One of the choices, each as often as its weight says. */
  weighted<T extends { readonly weight: number }>(choices: readonly T[]): T
  /** Half of the time null. */
  maybe<T>(make: () => T): T | null
  bytes(count: number): Uint8Array
}

/** The same numbers for the same seed and name: each part of a simulation has dice of its own, so that none disturbs another. */
export function diceOf(seed: number, name: string): Dice {
  const generator = xoroshiro128plus([...name].reduce((mixed, letter) => Math.imul(mixed, 31) + letter.charCodeAt(0), seed))
  // Neighbouring seeds give neighbouring first numbers.
  skipN(generator, 32)
  const below = (limit: number): number => uniformInt(generator, 0, limit - 1)
  return {
    below,
    bigBelow: (limit) => uniformBigInt(generator, 0n, limit - 1n),
    perMille: (chance) => below(1_000) < chance,
    pick: (choices) => choices[below(choices.length)] as (typeof choices)[number],
    weighted: (choices) => {
      let left = below(choices.reduce((sum, { weight }) => sum + weight, 0))
      const chosen = choices.find(({ weight }) => {
        left -= weight
        return left < 0
      })
      return chosen as (typeof choices)[number]
    },
    maybe: (make) => (below(2) === 0 ? null : make()),
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  }
}
