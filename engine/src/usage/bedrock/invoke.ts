import { type Counter, firstCounter, partOf, readCounter, sumOf } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, meterPart, meterTotal } from '../payload/draft.ts'
import { isObject, type JsonObject, listAt, objectAt } from '../payload/json.ts'
import type { Shape, ShapeReader } from '../payload/shape.ts'
import type { UsageNote } from '../usage.ts'

const METRICS = 'amazon-bedrock-invocationMetrics'
const KEYS = [METRICS, 'inputTextTokenCount', 'outputText', 'generation', 'prompt_token_count', 'generation_token_count']

/**
 * InvokeModel bodies of models with a shape of their own: Titan text and embeddings, Llama, and any stream, whose last chunk carries
 * the metrics that Bedrock adds. (Anthropic, Nova, Cohere and OpenAI models answer in their own makers' shapes.)
 */
export const invokeShape: Shape = {
  endpoint: 'invoke',
  recognises: (payload) => KEYS.some((key) => payload[key] !== undefined),
  open: openInvoke,
}

function openInvoke(): ShapeReader {
  const text = deliveredText()
  let body: JsonObject = {}
  let metrics: JsonObject | undefined
  return {
    take(payload) {
      body = { ...body, ...payload }
      metrics = objectAt(payload, METRICS) ?? metrics
      text.addFields(payload, ['outputText', 'generation'])
      for (const result of listAt(payload, 'results')) if (isObject(result)) text.addFields(result, ['outputText'])
      for (const output of listAt(payload, 'outputs')) if (isObject(output)) text.addFields(output, ['text'])
    },
    write(draft) {
      const { notes } = draft
      const isEmbedding = body.embedding !== undefined || body.embeddingsByType !== undefined
      const inference = addInference(draft, isEmbedding ? 'embedding' : 'message')
      const input =
        readCounter(metrics, 'inputTokenCount', notes) ?? firstCounter(body, ['inputTextTokenCount', 'prompt_token_count'], notes)
      meterTotal(inference, 'input', input)
      meterPart(inference, 'input.cache_read', partOf(readCounter(metrics, 'cacheReadInputTokenCount', notes)))
      meterPart(inference, 'input.cache_write', partOf(readCounter(metrics, 'cacheWriteInputTokenCount', notes)))
      if (isEmbedding) return input !== undefined
      const output = outputOf(body, metrics, notes)
      meterTotal(inference, 'output', output)
      return input !== undefined || output !== undefined
    },
    text: text.value,
    finished: () => metrics !== undefined || body.completionReason != null || body.stop_reason != null || body.results !== undefined,
  }
}

function outputOf(body: JsonObject, metrics: JsonObject | undefined, notes: UsageNote[]): Counter {
  const results = listAt(body, 'results')
    .filter(isObject)
    .map((result) => readCounter(result, 'tokenCount', notes))
  return (
    readCounter(metrics, 'outputTokenCount', notes) ??
    firstCounter(body, ['totalOutputTextTokenCount', 'generation_token_count'], notes) ??
    sumOf(...results)
  )
}
