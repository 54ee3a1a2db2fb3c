import { assert } from './assert.ts'
import { type Picos, picos, ZERO } from './money.ts'

/**
 * Splits an amount by weights so that the parts add up to it exactly. Each part is its share rounded towards zero; what is left over is given out pico by
 * pico, to the parts that lost most by the rounding, of equals to the earlier one (the largest remainder method). An amount below zero is split as the same
 * amount above zero. A weight of zero receives nothing. Asserts that weights are not negative and not all zero: nothing can be split among nobody.
 */
export function allocate(amount: Picos, weights: readonly bigint[]): Picos[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n)
  assert(whole > 0n && weights.every((weight) => weight >= 0n), 'weights are not negative, and one of them is above zero')
  const magnitude = amount < 0n ? -amount : amount
  const shares = weights.map((weight, index) => ({
    index,
    part: (magnitude * weight) / whole,
    remainder: (magnitude * weight) % whole,
  }))
  const left = magnitude - shares.reduce((sum, { part }) => sum + part, 0n)
  const byRemainder = [...shares].sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  const extra = new Set(byRemainder.slice(0, Number(left)).map(({ index }) => index))
  const parts = shares.map(({ index, part }) => part + (extra.has(index) ? 1n : 0n))
  return parts.map((part) => (part === 0n ? ZERO : picos(amount < 0n ? -part : part)))
}
