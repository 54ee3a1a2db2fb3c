import { normal, type Random, seededRandom } from './random.ts'

/** Series of known making, for tests: what a forecast of them should find is known. */
export interface Synthetic {
  readonly name: string
  readonly make: (random: Random, days: number) => number[]
}

const WEEK = [1.2, 1.25, 1.2, 1.15, 1.1, 0.35, 0.25]

/** Each starts from its own seed. */
export function synthetic(process: Synthetic, seed: number, days: number): number[] {
  return process.make(seededRandom(seed), days)
}

export const STEADY: Synthetic = {
  name: 'steady',
  make: (random, days) => Array.from({ length: days }, () => Math.max(0, 40 + 6 * normal(random))),
}

export const WEEKLY: Synthetic = {
  name: 'weekly',
  make: (random, days) => Array.from({ length: days }, (_, day) => 50 * (WEEK[day % 7] ?? 1) * Math.exp(0.12 * normal(random))),
}

export const WANDERING: Synthetic = {
  name: 'wandering',
  make: (random, days) => {
    let level = 100
    return Array.from({ length: days }, () => {
      level *= Math.exp(0.03 * normal(random))
      return level * Math.exp(0.1 * normal(random))
    })
  },
}

export const NOW_AND_THEN: Synthetic = {
  name: 'now and then',
  make: (random, days) => Array.from({ length: days }, () => (random() < 0.35 ? 5 + 20 * random() : 0)),
}
