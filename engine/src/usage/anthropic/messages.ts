import { readAttested } from '../payload/attested.ts'
import { noteUnknownCounters, partOf, readCounter } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, type Draft, type InferenceDraft, meterPart, meterTotal } from '../payload/draft.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt } from '../payload/json.ts'
import { addNote } from '../payload/notes.ts'
import type { CallFacts, Shape, ShapeReader } from '../payload/shape.ts'
import { serviceTier } from '../tiers.ts'
import { KNOWN_COUNTERS, meterCounts } from './counts.ts'
import { writeIterations } from './iterations.ts'

const STREAM_TYPES = new Set([
  'message_start',
  'message_delta',
  'message_stop',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'ping',
])

/**
 * Anthropic Messages, at Anthropic, Bedrock and Vertex. Input, cache reads and cache writes are disjoint. In a stream `message_start` has
 * the input and a provisional output; each `message_delta` has totals so far, which replace what came before.
 */
export const messagesShape: Shape = {
  endpoint: 'messages',
  recognises(payload, call) {
    const type = textAt(payload, 'type') ?? ''
    if (STREAM_TYPES.has(type) || (type === 'message' && Array.isArray(payload.content))) return true
    const usage = objectAt(payload, 'usage')
    if (usage?.input_tokens === undefined || payload.object !== undefined) return false
    return type === 'message' || call.seller === 'anthropic' || usage.cache_creation_input_tokens !== undefined
  },
  open: openMessages,
}

function openMessages(call: CallFacts): ShapeReader {
  const text = deliveredText()
  let model: string | null = null
  let usage: JsonObject | undefined
  let stopReason: string | undefined
  let counted = false
  let stopped = false
  const takeMessage = (message: JsonObject | undefined): void => {
    model = textAt(message, 'model') ?? model
    stopReason = textAt(message, 'stop_reason') ?? stopReason
    usage = merged(usage, objectAt(message, 'usage'))
  }
  return {
    take(payload) {
      const type = textAt(payload, 'type') ?? ''
      if (type === 'message_start') takeMessage(objectAt(payload, 'message'))
      else if (type === 'message_delta') {
        stopReason = textAt(objectAt(payload, 'delta'), 'stop_reason') ?? stopReason
        const seen = objectAt(payload, 'usage')
        usage = merged(usage, seen)
        counted ||= seen?.output_tokens !== undefined && seen.output_tokens !== null
      } else if (type === 'message_stop') stopped = true
      else if (type.startsWith('content_block')) {
        text.addFields(objectAt(payload, 'delta'), ['text', 'thinking', 'partial_json'])
        const block = objectAt(payload, 'content_block')
        model = textAt(objectAt(block, 'to'), 'model') ?? model
        text.addFields(block, ['name'])
      } else if (type === 'message' || objectAt(payload, 'usage') !== undefined) {
        takeMessage(payload)
        counted = true
        stopped = true
        for (const block of listAt(payload, 'content')) if (isObject(block)) text.addFields(block, ['text', 'thinking', 'name'])
      }
    },
    write: (draft) => writeUsage(draft, call, { model, usage, stopReason, counted, delivered: text.value() !== '' }),
    text: text.value,
    finished: () => stopped || stopReason !== undefined,
  }
}

interface Gathered {
  readonly model: string | null
  readonly usage: JsonObject | undefined
  readonly stopReason: string | undefined
  /** Whether the output was counted to its end; before that it is provisional. */
  readonly counted: boolean
  readonly delivered: boolean
}

function writeUsage(draft: Draft, call: CallFacts, gathered: Gathered): boolean {
  const { usage } = gathered
  const { notes } = draft
  draft.model = gathered.model
  draft.tier = serviceTier(usage?.speed === 'fast' ? 'fast' : usage?.service_tier, notes)
  const geo = textAt(usage, 'inference_geo')
  if (geo !== undefined && geo !== 'not_available') draft.region = geo
  const iterations = listAt(usage, 'iterations').filter(isObject)
  const main = iterations.length > 0 ? writeIterations(draft, call, usage, iterations) : addInference(draft, 'message')
  if (iterations.length === 0) {
    meterCounts(main, usage, call, notes)
    if (!gathered.counted) setProvisional(main, gathered.delivered)
  }
  writeServerTools(draft, main, usage, gathered, iterations.length > 0)
  readAttested(draft, call.seller, usage)
  noteUnknownCounters(usage, KNOWN_COUNTERS, notes)
  return usage?.input_tokens !== undefined || usage?.output_tokens !== undefined || iterations.length > 0
}

/** The output of `message_start` is the count of its first moment: an estimate from the text is better, and better than nothing. */
function setProvisional(inference: InferenceDraft, delivered: boolean): void {
  const provisional = inference.meters.output
  delete inference.meters.output
  if (delivered || provisional === undefined) meterTotal(inference, 'output', undefined)
  else meterTotal(inference, 'output', provisional, 'assumed')
}

function writeServerTools(
  draft: Draft,
  main: InferenceDraft,
  usage: JsonObject | undefined,
  gathered: Gathered,
  hasIterations: boolean,
): void {
  const { notes } = draft
  const tools = objectAt(usage, 'server_tool_use')
  const searches = partOf(readCounter(tools, 'web_search_requests', notes))
  meterPart(main, 'tool.web_search', searches)
  const code = partOf(readCounter(tools, 'code_execution_requests', notes))
  if (code > 0) addNote(notes, 'unbilled_counter', `code_execution_requests ${code} is not metered: the fee is for container time`)
  if (!hasIterations && (searches > 0 || gathered.stopReason === 'pause_turn')) {
    addNote(notes, 'inferences_summed', 'the server ran tools in a loop; the totals are summed over its inferences')
  }
}

/** Later values replace earlier ones; a field that a later event leaves out or sends as null keeps its value. */
function merged(before: JsonObject | undefined, after: JsonObject | undefined): JsonObject | undefined {
  if (after === undefined || before === undefined) return after ?? before
  const both: Record<string, unknown> = { ...before }
  for (const key of Object.keys(after)) if (after[key] !== null && after[key] !== undefined) both[key] = after[key]
  return both
}
