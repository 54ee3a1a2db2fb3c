import { readCounter } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, meterTotal } from '../payload/draft.ts'
import { type JsonObject, objectAt, textAt } from '../payload/json.ts'
import type { Shape } from '../payload/shape.ts'

/** Ollama's chat, generate and embed: JSON lines whose last one (`done: true`) has the counts. */
export const evalCountsShape: Shape = {
  endpoint: 'chat',
  recognises: (payload) => payload.eval_count !== undefined || payload.prompt_eval_count !== undefined || typeof payload.done === 'boolean',
  open() {
    const text = deliveredText()
    let last: JsonObject = {}
    return {
      take(payload) {
        last = payload
        text.addFields(payload, ['response', 'thinking'])
        text.addFields(objectAt(payload, 'message'), ['content', 'thinking'])
      },
      write(draft) {
        draft.model = textAt(last, 'model') ?? null
        const isEmbedding = Array.isArray(last.embeddings)
        draft.endpoint = isEmbedding ? 'embeddings' : 'chat'
        const inference = addInference(draft, isEmbedding ? 'embedding' : 'message')
        const input = readCounter(last, 'prompt_eval_count', draft.notes)
        const output = readCounter(last, 'eval_count', draft.notes)
        meterTotal(inference, 'input', input)
        if (!isEmbedding) meterTotal(inference, 'output', output)
        return input !== undefined || output !== undefined
      },
      text: text.value,
      finished: () => last.done !== false,
    }
  },
}
