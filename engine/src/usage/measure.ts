import type { Inference, Meter, Usage } from './usage.ts'

/** Meters that are tokens the model read. Storage, seconds and fees are not among them. */
export const INPUT_METERS: readonly Meter[] = [
  'input',
  'input.cache_read',
  'input.cache_write',
  'input.cache_write_5m',
  'input.cache_write_1h',
  'input.tool',
  'input.audio',
  'input.cache_read.audio',
  'input.image',
  'input.cache_read.image',
  'input.video',
  'input.cache_read.video',
]

/** Meters that are tokens the model wrote. */
export const OUTPUT_METERS: readonly Meter[] = [
  'output',
  'output.reasoning',
  'output.audio',
  'output.image',
  'output.video',
  'output.citation',
]

/** Input tokens of one inference, cached ones included: what context brackets are measured by. */
export function inputTotal(inference: Inference): number {
  return sumOfMeters(inference, INPUT_METERS)
}

/** Output tokens of one inference, reasoning included. */
export function outputTotal(inference: Inference): number {
  return sumOfMeters(inference, OUTPUT_METERS)
}

/** Sum of some meters over all inferences of a usage. */
export function usageTotal(usage: Usage, meters: readonly Meter[]): number {
  let total = 0
  for (const inference of usage.inferences) total += sumOfMeters(inference, meters)
  return total
}

function sumOfMeters(inference: Inference, meters: readonly Meter[]): number {
  let total = 0
  for (const meter of meters) total += inference.meters[meter] ?? 0
  return total
}
