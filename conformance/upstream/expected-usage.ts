import { INPUT_METERS, type Meter, OUTPUT_METERS, type Usage, usageTotal } from '../../engine/src/usage/index.ts'

/** What the fields of a recording's `expected_usage` are sums of. */
const SUMS: Readonly<Record<string, readonly Meter[]>> = {
  input_total: INPUT_METERS,
  input_uncached: INPUT_METERS.filter((meter) => !meter.startsWith('input.cache')),
  cache_read: ['input.cache_read', 'input.cache_read.audio', 'input.cache_read.image', 'input.cache_read.video'],
  cache_write: ['input.cache_write', 'input.cache_write_5m', 'input.cache_write_1h'],
  cache_write_5m: ['input.cache_write_5m'],
  cache_write_1h: ['input.cache_write_1h'],
  output_total: OUTPUT_METERS,
  reasoning: ['output.reasoning'],
  audio_in: ['input.audio', 'input.cache_read.audio'],
  audio_out: ['output.audio'],
  tool_use_prompt: ['input.tool'],
}

/** A usage in the fields of an expectation, to be compared with it. */
export function comparedWith(usage: Usage, expected: Readonly<Record<string, unknown>>): { ours: Counts; theirs: Counts } {
  // The independent parser reads the top level only, which leaves out compaction and the advisor.
  const answering = { ...usage, inferences: usage.inferences.filter(({ kind }) => kind !== 'advisor' && kind !== 'compaction') }
  const stated = Object.entries(expected).filter(([key, value]) => SUMS[key] !== undefined && value !== null)
  const ours = stated.map(([key]): [string, number] => [key, usageTotal(answering, SUMS[key] ?? [])])
  return { ours: Object.fromEntries(ours), theirs: Object.fromEntries(stated) }
}

type Counts = Readonly<Record<string, unknown>>
