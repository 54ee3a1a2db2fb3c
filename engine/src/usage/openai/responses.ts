import { readAttested } from '../payload/attested.ts'
import { type Counter, firstCounter, noteUnknownCounters, partOf, readCounter } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, type Draft } from '../payload/draft.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt } from '../payload/json.ts'
import type { CallFacts, Shape, ShapeReader } from '../payload/shape.ts'
import { meterInclusiveInput, meterOutput } from '../payload/split.ts'
import { serviceTier } from '../tiers.ts'
import { cachedModalitiesOf, KNOWN_COUNTERS, modalitiesOf, reasoningIsOutside } from './details.ts'
import { routerWrites } from './router-cache.ts'
import { writeToolFees } from './tool-fees.ts'

const END_EVENTS = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled'])
const END_STATES = new Set(['completed', 'complete', 'incomplete', 'failed', 'cancelled'])

/** The Responses API, by OpenAI, Azure, xAI, DeepSeek, OpenRouter and Bedrock. In a stream the usage is in the closing event only. */
export const responsesShape: Shape = {
  endpoint: 'responses',
  recognises(payload) {
    if (payload.object === 'response' || textAt(payload, 'type')?.startsWith('response.')) return true
    return Array.isArray(payload.output) && objectAt(payload, 'usage')?.input_tokens !== undefined
  },
  open: openResponses,
}

function openResponses(call: CallFacts): ShapeReader {
  const text = deliveredText()
  const items: unknown[] = []
  let response: JsonObject = {}
  let streamed = false
  let finished = false
  return {
    take(payload) {
      const type = textAt(payload, 'type') ?? ''
      if (!type.startsWith('response.')) {
        if (type !== '') return
        response = payload
        finished = END_STATES.has(textAt(payload, 'status') ?? '')
        return
      }
      streamed = true
      const snapshot = objectAt(payload, 'response')
      if (snapshot !== undefined) response = snapshot
      if (END_EVENTS.has(type)) finished = true
      if (type.endsWith('.delta')) text.add(payload.delta)
      if (type === 'response.output_item.done') items.push(payload.item)
    },
    write(draft) {
      draft.model = textAt(response, 'model') ?? null
      draft.tier = serviceTier(response.service_tier, draft.notes)
      // The closing event repeats the output; a stream that broke off before it has only its single items.
      const output = listAt(response, 'output')
      return writeUsage(draft, call, response, output.length > 0 ? output : items)
    },
    text: () => (streamed ? text.value() : outputText(listAt(response, 'output'))),
    finished: () => finished,
  }
}

function writeUsage(draft: Draft, call: CallFacts, response: JsonObject, items: readonly unknown[]): boolean {
  const { notes } = draft
  const usage = objectAt(response, 'usage')
  const inference = addInference(draft, 'message')
  const details = objectAt(usage, 'input_tokens_details')
  const outputDetails = objectAt(usage, 'output_tokens_details')
  const input = readCounter(usage, 'input_tokens', notes)
  const output = readCounter(usage, 'output_tokens', notes)
  const reasoning = readCounter(outputDetails, 'reasoning_tokens', notes)
  const written: Counter = firstCounter(details, ['cache_write_tokens', 'cache_creation_tokens'], notes)
  const writes = routerWrites(draft, inference, call, draft.model ?? call.modelRequested ?? '', written)
  const cachedModalities = cachedModalitiesOf(details, notes)
  meterInclusiveInput(
    inference,
    {
      total: input,
      cached: readCounter(details, 'cached_tokens', notes),
      written: writes.written,
      writtenMeter: writes.meter,
      modalities: modalitiesOf(details, notes),
      ...(cachedModalities === undefined ? {} : { cachedModalities }),
    },
    notes,
  )
  const counts = { input, output, total: readCounter(usage, 'total_tokens', notes), reasoning }
  // Only arithmetic counts here: the Responses API keeps reasoning inside the output at every seller.
  const reasoningOutside = reasoningIsOutside('', counts)
  meterOutput(inference, { total: output, reasoning, reasoningOutside, modalities: modalitiesOf(outputDetails, notes) }, notes)
  writeToolFees(draft, inference, call, response, items)
  readAttested(draft, call.seller, usage)
  noteUnknownCounters(usage, KNOWN_COUNTERS, notes)
  return partOf(input) + partOf(output) > 0 || input !== undefined || output !== undefined
}

function outputText(items: readonly unknown[]): string {
  const text = deliveredText()
  for (const item of items) {
    if (!isObject(item)) continue
    text.addFields(item, ['name', 'arguments', 'code', 'input'])
    for (const part of [...listAt(item, 'content'), ...listAt(item, 'summary')])
      if (isObject(part)) text.addFields(part, ['text', 'refusal'])
  }
  return text.value()
}
