import { partOf, readCounter, sumOf } from '../payload/counters.ts'
import { addInference, type Draft, type InferenceDraft, meterPart } from '../payload/draft.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt } from '../payload/json.ts'
import { addNote } from '../payload/notes.ts'
import type { CallFacts } from '../payload/shape.ts'
import { meterInclusiveInput, meterOutput } from '../payload/split.ts'
import { modalitiesOf } from './details.ts'

/**
 * Fees of server-side tools in the Responses API. The usage has no counter for them: OpenAI's are counted from the output items
 * (newer answers also carry `tool_usage`), xAI's from `server_side_tool_usage_details`.
 */
export function writeToolFees(
  draft: Draft,
  inference: InferenceDraft,
  call: CallFacts,
  response: JsonObject,
  items: readonly unknown[],
): void {
  readSearchSize(draft, response)
  const usage = objectAt(response, 'usage')
  const serverTools = readCounter(usage, 'num_server_side_tools_used', draft.notes)
  const details = objectAt(usage, 'server_side_tool_usage_details') ?? objectAt(response, 'server_side_tool_usage_details')
  if (call.seller === 'x-ai' || serverTools !== undefined || details !== undefined) {
    writeXaiTools(draft, inference, partOf(serverTools), details)
    return
  }
  writeSearches(draft, inference, response, items)
  writeFileSearches(inference, items)
  writeContainers(draft, inference, items)
  writeImageTool(draft, response)
}

/** Only actions of type `search` are charged; opening a page or finding in it is not (as OpenAI's pricing page was last read). */
function writeSearches(draft: Draft, inference: InferenceDraft, response: JsonObject, items: readonly unknown[]): void {
  const calls = ofType(items, 'web_search_call')
  const searches = calls.filter((item) => (textAt(objectAt(item, 'action'), 'type') ?? 'search') === 'search').length
  const counted = readCounter(objectAt(objectAt(response, 'tool_usage'), 'web_search'), 'num_requests', draft.notes)
  if (calls.length > 0)
    addNote(draft.notes, 'inferences_summed', 'the server ran tools in a loop; the totals are summed over its inferences')
  if (counted !== undefined && counted !== null) {
    meterPart(inference, 'tool.web_search', counted, 'reported')
    if (counted === searches) return
    addNote(
      draft.notes,
      'search_actions_counted',
      `tool_usage counts ${counted} searches, the output shows ${searches} of ${calls.length} items`,
    )
    return
  }
  meterPart(inference, 'tool.web_search', searches, 'derived')
  if (calls.length > 0) {
    addNote(draft.notes, 'search_actions_counted', `${searches} of ${calls.length} web search items are searches; the others carry no fee`)
  }
}

function writeFileSearches(inference: InferenceDraft, items: readonly unknown[]): void {
  meterPart(inference, 'tool.file_search', ofType(items, 'file_search_call').length, 'derived')
}

/** A container is charged once for its life, not per call, and later responses may use it again. */
function writeContainers(draft: Draft, inference: InferenceDraft, items: readonly unknown[]): void {
  const ids = new Set<string>()
  for (const item of ofType(items, 'code_interpreter_call')) ids.add(textAt(item, 'container_id') ?? '')
  if (ids.size === 0) return
  meterPart(inference, 'tool.container_session', ids.size, 'derived')
  for (const id of ids) if (id !== '') draft.containerIds.push(id)
  addNote(draft.notes, 'container_shared', 'a container is charged once however many calls and responses use it')
}

/** Images made inside a response are tokens of an image model of their own. */
function writeImageTool(draft: Draft, response: JsonObject): void {
  const usage = objectAt(objectAt(response, 'tool_usage'), 'image_gen')
  const input = readCounter(usage, 'input_tokens', draft.notes)
  const output = readCounter(usage, 'output_tokens', draft.notes)
  if (partOf(sumOf(input, output)) === 0) return
  const stated = ofType(listAt(response, 'tools'), 'image_generation').map((tool) => textAt(tool, 'model'))[0]
  if (stated === undefined) addNote(draft.notes, 'tool_kind_assumed', 'the image model is not named; gpt-image-1 is the default')
  const inference = addInference(draft, 'image', stated ?? 'gpt-image-1')
  const inputDetails = objectAt(usage, 'input_tokens_details')
  meterInclusiveInput(
    inference,
    { total: input, cached: undefined, written: undefined, modalities: modalitiesOf(inputDetails, draft.notes) },
    draft.notes,
  )
  const modalities = modalitiesOf(objectAt(usage, 'output_tokens_details'), draft.notes)
  meterOutput(inference, { total: output, reasoning: undefined, modalities }, draft.notes)
}

function writeXaiTools(draft: Draft, inference: InferenceDraft, used: number, details: JsonObject | undefined): void {
  const { notes } = draft
  if (used > 0) addNote(notes, 'inferences_summed', 'the server ran tools in a loop; the totals are summed over its inferences')
  if (details === undefined) {
    meterPart(inference, 'tool.web_search', used, 'assumed')
    if (used > 0) addNote(notes, 'tool_kind_assumed', `${used} server-side tools ran and their kind is not said; taken as web search`)
    return
  }
  meterPart(inference, 'tool.web_search', partOf(readCounter(details, 'web_search_calls', notes)))
  meterPart(inference, 'tool.x_search', partOf(readCounter(details, 'x_search_calls', notes)))
  meterPart(inference, 'tool.file_search', partOf(readCounter(details, 'file_search_calls', notes)))
  meterPart(inference, 'tool.file_search', partOf(readCounter(details, 'document_search_calls', notes)))
  const code = partOf(readCounter(details, 'code_interpreter_calls', notes))
  if (code > 0) addNote(notes, 'unknown_counter', `code_interpreter_calls ${code} has no meter here`)
}

function readSearchSize(draft: Draft, response: JsonObject): void {
  for (const tool of listAt(response, 'tools')) {
    const size = textAt(tool, 'search_context_size')
    if (textAt(tool, 'type')?.startsWith('web_search') && (size === 'low' || size === 'medium' || size === 'high'))
      draft.searchContext = size
  }
}

function ofType(items: readonly unknown[], type: string): JsonObject[] {
  return items.filter((item): item is JsonObject => isObject(item) && item.type === type)
}
