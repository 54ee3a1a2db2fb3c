import { noteUnknownCounters, partOf, readCounter } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, type Draft, meterPart } from '../payload/draft.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt } from '../payload/json.ts'
import type { Shape } from '../payload/shape.ts'
import { meterInclusiveInput, meterOutput } from '../payload/split.ts'
import { serviceTier } from '../tiers.ts'
import { type Grounding, meterGrounding } from './grounding.ts'
import { modalitiesOf } from './modalities.ts'

/** Gemini's Interactions API: the same counters under other names (`total_input_tokens`, `*_by_modality`), thoughts and tools outside. */
export const interactionsShape: Shape = {
  endpoint: 'interactions',
  recognises(payload) {
    if (payload.object === 'interaction' || textAt(payload, 'event_type')?.startsWith('interaction.')) return true
    return objectAt(payload, 'usage')?.total_input_tokens !== undefined
  },
  open(call) {
    const text = deliveredText()
    let interaction: JsonObject = {}
    let finished = false
    return {
      take(payload) {
        const event = textAt(payload, 'event_type')
        if (event === undefined) interaction = payload
        else interaction = { ...interaction, ...objectAt(payload, 'interaction') }
        if (event === undefined || event === 'interaction.complete' || event === 'interaction.completed') finished = true
        text.addFields(objectAt(payload, 'delta'), ['text'])
        for (const item of listAt(interaction, 'outputs')) if (event === undefined && isObject(item)) text.addFields(item, ['text'])
      },
      write(draft) {
        draft.model = textAt(interaction, 'model') ?? null
        draft.tier = serviceTier(interaction.service_tier, draft.notes)
        return writeUsage(draft, interaction, draft.model ?? call.modelRequested ?? '')
      },
      text: text.value,
      finished: () => finished,
    }
  },
}

function writeUsage(draft: Draft, interaction: JsonObject, model: string): boolean {
  const { notes } = draft
  const usage = objectAt(interaction, 'usage')
  const inference = addInference(draft, 'message')
  const cached = listAt(usage, 'cached_tokens_by_modality')
  meterPart(inference, 'input.tool', partOf(readCounter(usage, 'total_tool_use_tokens', notes)))
  meterInclusiveInput(
    inference,
    {
      total: readCounter(usage, 'total_input_tokens', notes),
      cached: readCounter(usage, 'total_cached_tokens', notes),
      written: undefined,
      modalities: modalitiesOf(listAt(usage, 'input_tokens_by_modality'), notes),
      ...(cached.length === 0 ? {} : { cachedModalities: modalitiesOf(cached, notes) }),
    },
    notes,
  )
  meterOutput(
    inference,
    {
      total: readCounter(usage, 'total_output_tokens', notes),
      reasoning: readCounter(usage, 'total_thought_tokens', notes),
      reasoningOutside: true,
      modalities: modalitiesOf(listAt(usage, 'output_tokens_by_modality'), notes),
    },
    notes,
  )
  meterGrounding(draft, inference, model, searchesOf(interaction))
  noteUnknownCounters(usage, KNOWN_COUNTERS, notes)
  return usage !== undefined
}

function searchesOf(interaction: JsonObject): Grounding {
  const queries = new Set<string>()
  for (const item of listAt(interaction, 'outputs')) {
    if (textAt(item, 'type') !== 'google_search_call') continue
    for (const query of listAt(objectAt(item, 'arguments'), 'queries')) if (typeof query === 'string') queries.add(query)
  }
  return { queries, grounded: queries.size > 0, maps: false }
}

const KNOWN_COUNTERS: ReadonlySet<string> = new Set([
  'total_tokens',
  'total_input_tokens',
  'total_cached_tokens',
  'total_output_tokens',
  'total_tool_use_tokens',
  'total_thought_tokens',
])
