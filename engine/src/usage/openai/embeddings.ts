import { readAttested } from '../payload/attested.ts'
import { firstCounter, noteUnknownCounters } from '../payload/counters.ts'
import { addInference, meterTotal } from '../payload/draft.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt } from '../payload/json.ts'
import type { Shape } from '../payload/shape.ts'
import { KNOWN_COUNTERS } from './details.ts'

/** Embeddings (and rerankers that answer in the same list): input tokens only. Voyage and others send nothing but a total. */
export const embeddingsShape: Shape = {
  endpoint: 'embeddings',
  recognises(payload, call) {
    const usage = objectAt(payload, 'usage')
    if (usage === undefined || Array.isArray(payload.choices) || partHasOutput(usage)) return false
    return payload.object === 'list' || call.url.includes('/embeddings') || Array.isArray(payload.embeddings)
  },
  open(call) {
    let body: JsonObject = {}
    return {
      take(payload) {
        body = payload
      },
      write(draft) {
        const usage = objectAt(body, 'usage')
        const isRerank = listAt(body, 'data').some((item) => isObject(item) && item.relevance_score !== undefined)
        draft.model = textAt(body, 'model') ?? null
        draft.endpoint = isRerank ? 'rerank' : 'embeddings'
        const total = firstCounter(usage, ['prompt_tokens', 'input_tokens', 'total_tokens'], draft.notes)
        meterTotal(addInference(draft, isRerank ? 'rerank' : 'embedding'), 'input', total)
        readAttested(draft, call.seller, usage)
        noteUnknownCounters(usage, KNOWN_COUNTERS, draft.notes)
        return total !== undefined
      },
      text: () => '',
      finished: () => true,
    }
  },
}

function partHasOutput(usage: JsonObject): boolean {
  return typeof usage.completion_tokens === 'number' && usage.completion_tokens > 0
}
