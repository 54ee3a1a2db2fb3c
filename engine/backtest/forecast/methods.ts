import type { Origin } from './data.ts'

/** What is known when a question is asked: whole steps, and in the origin what the running one has spent. */
export interface Asked {
  readonly known: readonly number[]
  readonly origin: Origin
  readonly seasonSteps: number
}

/** Spent so far in the period, divided by its steps so far; on its first step, the last steps before it. */
export function runRate({ known, origin }: Asked): number {
  const share = origin.running?.share ?? 0
  const passed = origin.at - origin.start
  const steps = known.slice(-(passed > 0 ? passed : origin.end - origin.start))
  const spent = steps.reduce((sum, value) => sum + value, 0) + (origin.running?.spent ?? 0)
  return (spent / Math.max(1, steps.length + share)) * (origin.end - origin.at - share)
}

/** Each step as the mean of the last four of its phase; of a running one, the part that is left. */
export function samePhaseMean(asked: Asked): number {
  return sumOver(asked, 4)
}

/** Each step as the last one of its phase. */
export function seasonalNaive(asked: Asked): number {
  return sumOver(asked, 1)
}

function sumOver({ known, origin, seasonSteps }: Asked, cycles: number): number {
  let sum = 0
  for (let step = 0; step < origin.end - origin.at; step++) {
    const like: number[] = []
    for (let at = known.length + (step % seasonSteps) - seasonSteps; at >= 0 && like.length < cycles; at -= seasonSteps) {
      like.push(known[at] ?? 0)
    }
    const value = like.length === 0 ? (known.at(-1) ?? 0) : like.reduce((total, each) => total + each, 0) / like.length
    sum += step === 0 ? value * (1 - (origin.running?.share ?? 0)) : value
  }
  return sum
}
