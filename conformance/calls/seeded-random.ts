export interface Random {
  /** A whole number in `[0, limit)`. */
  below(limit: number): number
  pick<const T>(choices: readonly T[]): T
  /** Half of the time null. */
  maybe<T>(make: () => T): T | null
}

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    pick: (choices) => choices[below(choices.length)] as (typeof choices)[number],
    maybe: (make) => (below(2) === 0 ? null : make()),
  }
}
