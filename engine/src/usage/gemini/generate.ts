import { type Counter, noteUnknownCounters, partOf, readCounter, sumOf } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, type Draft, type InferenceDraft, meterPart, meterTotal } from '../payload/draft.ts'
import { type JsonObject, listAt, objectAt, textAt } from '../payload/json.ts'
import type { CallFacts, Shape, ShapeReader } from '../payload/shape.ts'
import { meterInclusiveInput, meterOutput } from '../payload/split.ts'
import { serviceTier } from '../tiers.ts'
import type { UsageNote } from '../usage.ts'
import { type Grounding, groundingOf, meterGrounding } from './grounding.ts'
import { modalitiesOf } from './modalities.ts'

const KEYS = ['candidates', 'usageMetadata', 'promptFeedback', 'modelVersion']

/**
 * `generateContent`, its stream and `embedContent`, of the Gemini API and Vertex. Every chunk carries the totals so far. Cached content
 * is inside `promptTokenCount`; thoughts and tool-use prompts are outside the counters they belong to.
 */
export const generateShape: Shape = {
  endpoint: 'generate',
  recognises: (payload, call) => KEYS.some((key) => payload[key] !== undefined) || isEmbedding(payload, call.url),
  open: openGenerate,
}

function openGenerate(call: CallFacts): ShapeReader {
  const text = deliveredText()
  const grounding: Grounding = { queries: new Set(), grounded: false, maps: false }
  let usage: JsonObject | undefined
  let model: string | null = null
  let embedding = false
  let finished = false
  return {
    take(payload) {
      model = textAt(payload, 'modelVersion') ?? model
      const seen = objectAt(payload, 'usageMetadata')
      if (seen !== undefined) usage = { ...usage, ...seen }
      if (isEmbedding(payload, call.url) || seen?.promptTokenDetails !== undefined) embedding = true
      if (textAt(objectAt(payload, 'promptFeedback'), 'blockReason') !== undefined) finished = true
      for (const candidate of listAt(payload, 'candidates')) {
        if (textAt(candidate, 'finishReason') !== undefined) finished = true
        groundingOf(candidate, grounding)
        for (const part of listAt(objectAt(candidate, 'content'), 'parts')) {
          text.add(textAt(part, 'text'))
          const call = objectAt(part, 'functionCall')
          if (call !== undefined) text.add(JSON.stringify(call.args ?? '') + String(call.name ?? ''))
        }
      }
    },
    write(draft) {
      draft.model = model
      draft.tier = serviceTier(usage?.serviceTier ?? usage?.trafficType, draft.notes)
      noteUnknownCounters(usage, KNOWN_COUNTERS, draft.notes)
      if (embedding) return writeEmbedding(draft, usage)
      const inference = addInference(draft, 'message')
      writeUsage(inference, usage, text.value() !== '', draft.notes)
      meterGrounding(draft, inference, draft.model ?? call.modelRequested ?? '', grounding)
      return usage !== undefined
    },
    text: text.value,
    finished: () => finished || embedding,
  }
}

function writeUsage(inference: InferenceDraft, usage: JsonObject | undefined, delivered: boolean, notes: UsageNote[]): void {
  const prompt = readCounter(usage, 'promptTokenCount', notes)
  const tool = readCounter(usage, 'toolUsePromptTokenCount', notes)
  const thoughts = readCounter(usage, 'thoughtsTokenCount', notes)
  const stated = readCounter(usage, 'candidatesTokenCount', notes)
  const total = readCounter(usage, 'totalTokenCount', notes)
  meterPart(inference, 'input.tool', partOf(tool))
  meterInclusiveInput(
    inference,
    {
      // A prompt is never empty: when the total only repeats the other parts, the prompt is unknown and not zero.
      total: prompt ?? (remainder(total, sumOf(stated, thoughts, tool)) || undefined),
      cached: readCounter(usage, 'cachedContentTokenCount', notes),
      written: undefined,
      modalities: modalitiesOf(promptDetails(usage), notes),
      ...(usage?.cacheTokensDetails === undefined ? {} : { cachedModalities: modalitiesOf(listAt(usage, 'cacheTokensDetails'), notes) }),
    },
    notes,
  )
  const candidates = stated === undefined ? unstatedOutput(usage, prompt, sumOf(prompt, thoughts, tool), total, delivered) : stated
  const modalities = modalitiesOf(listAt(usage, 'candidatesTokensDetails'), notes)
  meterOutput(inference, { total: candidates, reasoning: thoughts, reasoningOutside: true, modalities }, notes)
  if (stated === undefined && candidates !== undefined) inference.evidence.output = 'derived'
  if (prompt == null && inference.meters.input !== undefined) inference.evidence.input = 'derived'
}

/** Zero counters are left out of protocol-buffer JSON: an absent count is the rest of the total, or zero when nothing was delivered. */
function unstatedOutput(usage: JsonObject | undefined, prompt: Counter, others: Counter, total: Counter, delivered: boolean): Counter {
  if (usage === undefined) return undefined
  if (prompt != null && total != null) return remainder(total, others)
  return delivered ? undefined : 0
}

function remainder(total: Counter, others: Counter): Counter {
  return total == null || others == null || total < others ? undefined : total - others
}

function promptDetails(usage: JsonObject | undefined): readonly unknown[] {
  return usage?.promptTokensDetails === undefined ? listAt(usage, 'promptTokenDetails') : listAt(usage, 'promptTokensDetails')
}

/** Embeddings spell the details `promptTokenDetails`; Vertex's older `predict` counts each text by itself. */
function writeEmbedding(draft: Draft, usage: JsonObject | undefined): boolean {
  draft.endpoint = 'embeddings'
  const total = readCounter(usage, 'promptTokenCount', draft.notes)
  const inference = addInference(draft, 'embedding')
  if (total === undefined) meterTotal(inference, 'input', undefined)
  else {
    const modalities = modalitiesOf(promptDetails(usage), draft.notes)
    meterInclusiveInput(inference, { total, cached: undefined, written: undefined, modalities }, draft.notes)
  }
  return total !== undefined
}

function isEmbedding(payload: JsonObject, url: string): boolean {
  const named =
    objectAt(payload, 'embedding')?.values !== undefined || (Array.isArray(payload.embeddings) && payload.usageMetadata !== undefined)
  return named || /:(?:batchE|e)mbedContents?$/.test(url)
}

const KNOWN_COUNTERS: ReadonlySet<string> = new Set([
  'promptTokenCount',
  'candidatesTokenCount',
  'totalTokenCount',
  'cachedContentTokenCount',
  'thoughtsTokenCount',
  'toolUsePromptTokenCount',
])
