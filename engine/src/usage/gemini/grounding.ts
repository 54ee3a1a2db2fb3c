import { type Draft, type InferenceDraft, meterPart } from '../payload/draft.ts'
import { isObject, listAt, objectAt } from '../payload/json.ts'
import { addNote } from '../payload/notes.ts'

/** What the server looked up for an answer. */
export interface Grounding {
  readonly queries: Set<string>
  grounded: boolean
  maps: boolean
}

/** Collects the grounding of one candidate; a stream repeats its queries, so they are a set. */
export function groundingOf(candidate: unknown, grounding: Grounding): void {
  const metadata = objectAt(candidate, 'groundingMetadata')
  for (const query of listAt(metadata, 'webSearchQueries')) if (typeof query === 'string') grounding.queries.add(query)
  for (const chunk of listAt(metadata, 'groundingChunks')) if (isObject(chunk) && chunk.maps !== undefined) grounding.maps = true
  if (grounding.queries.size > 0) grounding.grounded = true
}

/** Gemini 3 and later charge per query, earlier ones per grounded prompt; both only past a free allowance of the whole project. */
export function meterGrounding(draft: Draft, inference: InferenceDraft, model: string, grounding: Grounding): void {
  const generation = Number(/gemini-(\d+)/.exec(model)?.[1] ?? 0)
  const searches = grounding.grounded ? (generation >= 3 ? grounding.queries.size : 1) : 0
  meterPart(inference, 'tool.web_search', searches, 'derived')
  meterPart(inference, 'tool.maps', grounding.maps ? 1 : 0, 'derived')
  if (searches > 0 || grounding.maps) {
    addNote(draft.notes, 'allowance_not_applied', 'grounding is free up to an allowance of the project, which one response cannot show')
  }
}
