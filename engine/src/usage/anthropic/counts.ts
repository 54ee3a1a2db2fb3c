import { partOf, readCounter } from '../payload/counters.ts'
import { type InferenceDraft, meterPart, meterTotal } from '../payload/draft.ts'
import { type JsonObject, objectAt } from '../payload/json.ts'
import type { CallFacts } from '../payload/shape.ts'
import { meterOutput } from '../payload/split.ts'
import type { UsageNote } from '../usage.ts'
import { meterCacheWrites } from './cache-writes.ts'

/** Meters one set of Anthropic counters: of a response or of one of its iterations. Thinking is inside the output. */
export function meterCounts(inference: InferenceDraft, counts: JsonObject | undefined, call: CallFacts, notes: UsageNote[]): void {
  meterTotal(inference, 'input', readCounter(counts, 'input_tokens', notes))
  meterPart(inference, 'input.cache_read', partOf(readCounter(counts, 'cache_read_input_tokens', notes)))
  const split = objectAt(counts, 'cache_creation')
  meterCacheWrites(
    inference,
    {
      total: readCounter(counts, 'cache_creation_input_tokens', notes),
      for5m: readCounter(split, 'ephemeral_5m_input_tokens', notes),
      for1h: readCounter(split, 'ephemeral_1h_input_tokens', notes),
      request: call.request,
    },
    notes,
  )
  const reasoning = readCounter(objectAt(counts, 'output_tokens_details'), 'thinking_tokens', notes)
  meterOutput(inference, { total: readCounter(counts, 'output_tokens', notes), reasoning }, notes)
}

export const KNOWN_COUNTERS: ReadonlySet<string> = new Set([
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'ephemeral_5m_input_tokens',
  'ephemeral_1h_input_tokens',
  'thinking_tokens',
])
