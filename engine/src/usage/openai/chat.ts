import { readAttested } from '../payload/attested.ts'
import { type Counter, firstCounter, noteUnknownCounters, partOf, readCounter } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, type Draft, type InferenceDraft, meterPart, meterTotal } from '../payload/draft.ts'
import { type JsonObject, listAt, objectAt, textAt } from '../payload/json.ts'
import { addNote } from '../payload/notes.ts'
import type { CallFacts, Shape, ShapeReader } from '../payload/shape.ts'
import { meterInclusiveInput, meterOutput } from '../payload/split.ts'
import { serviceTier } from '../tiers.ts'
import { cachedModalitiesOf, KNOWN_COUNTERS, modalitiesOf, reasoningIsOutside } from './details.ts'
import { routerWrites } from './router-cache.ts'

/**
 * Chat completions and legacy completions, by OpenAI and everyone who copied them (Azure, Groq, Mistral, DeepSeek, OpenRouter, xAI,
 * Moonshot, Perplexity, Alibaba …). In a stream the usage is in the last chunk, and only when the request asked for it.
 */
export const chatShape: Shape = {
  endpoint: 'chat',
  recognises(payload) {
    if (Array.isArray(payload.choices)) return true
    const usage = objectAt(payload, 'usage')
    return usage?.completion_tokens !== undefined && usage.prompt_audio_seconds === undefined
  },
  open: openChat,
}

function openChat(call: CallFacts): ShapeReader {
  const text = deliveredText()
  let model: string | null = null
  let usage: JsonObject | undefined
  let tier: string | undefined
  let object = ''
  let finished = false
  return {
    take(payload) {
      model = textAt(payload, 'model') ?? model
      object = textAt(payload, 'object') ?? object
      tier = textAt(payload, 'service_tier') ?? tier
      // Groq put the usage of its streams under a key of its own before it also sent the usual one.
      const seen = objectAt(payload, 'usage') ?? objectAt(objectAt(payload, 'x_groq'), 'usage')
      if (seen !== undefined) usage = seen
      // A chunk of usage alone closes a stream; usage beside content is a running count, which some servers send with every chunk.
      if (seen !== undefined && (object === 'chat.completion' || listAt(payload, 'choices').length === 0)) finished = true
      for (const choice of listAt(payload, 'choices')) {
        if (textAt(choice, 'finish_reason') !== undefined) finished = true
        for (const part of ['delta', 'message']) {
          const message = objectAt(choice, part)
          text.addFields(message, ['content', 'reasoning', 'reasoning_content', 'refusal'])
          for (const item of listAt(message, 'content')) text.addFields(objectAt({ item }, 'item'), ['text'])
          for (const toolCall of listAt(message, 'tool_calls')) text.addFields(objectAt(toolCall, 'function'), ['name', 'arguments'])
        }
        text.add(textAt(choice, 'text'))
      }
    },
    write(draft) {
      draft.model = model
      draft.endpoint = object.startsWith('text_completion') ? 'completions' : 'chat'
      draft.tier = serviceTier(tier, draft.notes)
      return writeUsage(draft, call, usage)
    },
    text: text.value,
    finished: () => finished,
  }
}

function writeUsage(draft: Draft, call: CallFacts, usage: JsonObject | undefined): boolean {
  const { notes } = draft
  const inference = addInference(draft, 'message')
  const details = objectAt(usage, 'prompt_tokens_details')
  const outputDetails = objectAt(usage, 'completion_tokens_details')
  const input = readCounter(usage, 'prompt_tokens', notes)
  const output = readCounter(usage, 'completion_tokens', notes)
  const writes = routerWrites(
    draft,
    inference,
    call,
    draft.model ?? call.modelRequested ?? '',
    firstCounter(details, ['cache_write_tokens', 'cache_creation_tokens'], notes),
  )
  const cachedModalities = cachedModalitiesOf(details, notes)
  meterInclusiveInput(
    inference,
    {
      total: input,
      cached: cachedTokens(usage, details, draft),
      written: writes.written,
      writtenMeter: writes.meter,
      modalities: modalitiesOf(details, notes),
      ...(cachedModalities === undefined ? {} : { cachedModalities }),
    },
    notes,
  )
  const reasoning = firstDefined(readCounter(outputDetails, 'reasoning_tokens', notes), readCounter(usage, 'reasoning_tokens', notes))
  const total = readCounter(usage, 'total_tokens', notes)
  // Perplexity's deep research counts reasoning and citations at the top level, beside the completion.
  const beside = call.seller === 'perplexity' && outputDetails?.reasoning_tokens === undefined
  const reasoningOutside = beside || reasoningIsOutside(call.seller, { input, output, total, reasoning })
  meterOutput(inference, { total: output, reasoning, reasoningOutside, modalities: modalitiesOf(outputDetails, notes) }, notes)
  if (call.seller === 'perplexity') meterTotal(inference, 'request', 1, 'derived')
  if (usage === undefined) return false
  writeFees(draft, inference, call, usage)
  readAttested(draft, call.seller, usage)
  noteUnknownCounters(usage, KNOWN_COUNTERS, notes)
  return input !== undefined || output !== undefined
}

/** Cached tokens in their four spellings: OpenAI's details, Moonshot's top level, Mistral's old name, DeepSeek's hits. */
function cachedTokens(usage: JsonObject | undefined, details: JsonObject | undefined, draft: Draft): Counter {
  return firstDefined(
    readCounter(details, 'cached_tokens', draft.notes),
    firstCounter(usage, ['cached_tokens', 'num_cached_tokens', 'prompt_cache_hit_tokens'], draft.notes),
  )
}

function writeFees(draft: Draft, inference: InferenceDraft, call: CallFacts, usage: JsonObject): void {
  const { notes } = draft
  if (call.seller === 'perplexity') {
    meterPart(inference, 'output.citation', partOf(readCounter(usage, 'citation_tokens', notes)))
    meterPart(inference, 'tool.web_search', partOf(readCounter(usage, 'num_search_queries', notes)))
    const size = textAt(usage, 'search_context_size')
    if (size === 'low' || size === 'medium' || size === 'high') draft.searchContext = size
  }
  const serverTools = objectAt(usage, 'server_tool_use')
  meterPart(inference, 'tool.web_search', partOf(readCounter(serverTools, 'web_search_requests', notes)))
  const executed = partOf(readCounter(objectAt(usage, 'server_tool_use_details'), 'tool_calls_executed', notes))
  if (executed > 0) {
    addNote(notes, 'sub_call_unmetered', `${executed} server tool calls ran; what their models used is in the stated cost only`)
  }
  const sources = partOf(readCounter(usage, 'num_sources_used', notes))
  if (sources > 0) addNote(notes, 'unbilled_counter', `num_sources_used ${sources} is not metered: its fee depends on the search tool`)
}

function firstDefined(...counters: Counter[]): Counter {
  return counters.find((counter) => counter !== undefined)
}
