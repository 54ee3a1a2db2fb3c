import type { Memory } from './memory.ts'
import type { DetectorParameters } from './parameters.ts'
import { quantileOf, shrunk, spreadAround } from './robust.ts'

/** How far stretches of one length usually lie from what is expected. */
export interface ScaleNormal {
  readonly steps: number
  /** Standard deviation of their means, in spreads of their hours. */
  readonly spread: number
  /** From which mean on, upwards and downwards, a stretch is alarming. Null: there is too little history for such long ones. */
  readonly alarming: { readonly up: number; readonly down: number } | null
  /** What stretches were seen, for how rare the next one is. */
  readonly seen: readonly number[]
}

/** What is normal for a series: how far its hours usually lie from what is expected of them. */
export interface Normal {
  /** By hour of the day, in the scale of `y`. */
  readonly spreads: readonly number[]
  readonly scales: readonly ScaleNormal[]
}

/** Samples that the spread of all hours counts for in that of one. */
const ALL_HOURS_WEIGHT = 10
/** A scale speaks when the history is so many of its lengths. */
const LENGTHS_MIN = 4
/** Of a stretch, this share of its steps must have been observed. */
export const OBSERVED_SHARE = 0.6

/** Compares each remembered sample with what the others say of it. `stepMs` is that of the series. */
export function normalOf(memory: Memory, parameters: DetectorParameters, stepMs: number): Normal {
  const samples = memory.samples()
  const residuals = samples.map((sample) => sample.y - memory.expected(sample.slot, sample))
  const all = Math.max(spreadAround(residuals, 0) ?? 0, parameters.spreadMin)
  const byHour: number[][] = Array.from({ length: 24 }, () => [])
  samples.forEach(({ slot }, index) => {
    byHour[slot % 24]?.push(residuals[index] ?? 0)
  })
  const spreads = byHour.map((own) => Math.max(shrunk(spreadAround(own, 0), own.length, all, ALL_HOURS_WEIGHT), parameters.spreadMin))

  const [first, last] = [samples[0]?.step ?? 0, samples.at(-1)?.step ?? -1]
  const line = new Float64Array(last - first + 1).fill(Number.NaN)
  samples.forEach(({ step, slot }, index) => {
    line[step - first] = (residuals[index] ?? 0) / (spreads[slot % 24] ?? all)
  })
  return { spreads, scales: parameters.scales.map((scale) => scaleNormal(line, scale, parameters, stepMs)) }
}

function scaleNormal(
  line: Float64Array,
  { lengthMs, deviationsMin }: DetectorParameters['scales'][number],
  { quietShare, quietFactor }: DetectorParameters,
  stepMs: number,
): ScaleNormal {
  const steps = Math.max(1, Math.round(lengthMs / stepMs))
  const seen = meansOf(line, steps)
  // Independent hours would average out so far; a stretch is never taken to be steadier than that.
  const spread = Math.max(spreadAround(seen, 0) ?? 0, 1 / Math.sqrt(steps))
  const sorted = Float64Array.from(seen).sort()
  const [up, down] = [quantileOf(sorted, quietShare) ?? 0, -(quantileOf(sorted, 1 - quietShare) ?? 0)]
  const limit = (usual: number): number => Math.max(deviationsMin * spread, quietFactor * usual)
  const enough = line.length >= LENGTHS_MIN * steps
  return { steps, spread, seen, alarming: enough ? { up: limit(up), down: limit(down) } : null }
}

/** Means of all stretches of so many steps of which enough were observed. */
function meansOf(line: Float64Array, steps: number): number[] {
  const means: number[] = []
  let [sum, count] = [0, 0]
  line.forEach((value, index) => {
    if (!Number.isNaN(value)) [sum, count] = [sum + value, count + 1]
    const leaving = index >= steps ? (line[index - steps] ?? Number.NaN) : Number.NaN
    if (!Number.isNaN(leaving)) [sum, count] = [sum - leaving, count - 1]
    if (index >= steps - 1 && count >= OBSERVED_SHARE * steps) means.push(sum / count)
  })
  return means
}
