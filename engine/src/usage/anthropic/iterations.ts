import { partOf, readCounter } from '../payload/counters.ts'
import { addInference, type Draft, type InferenceDraft, meterPart } from '../payload/draft.ts'
import { type JsonObject, objectAt, textAt } from '../payload/json.ts'
import { addNote } from '../payload/notes.ts'
import type { CallFacts } from '../payload/shape.ts'
import type { Inference } from '../usage.ts'
import { meterCounts } from './counts.ts'

const KINDS: Readonly<Record<string, Inference['kind']>> = {
  message: 'message',
  compaction: 'compaction',
  advisor_message: 'advisor',
  fallback_message: 'fallback',
}

/**
 * `usage.iterations`: the passes that one response took. The top-level counters leave out compaction and the advisor (which is another
 * model), so the iterations are the bill and the top level is not added. Returns the inference that tool fees belong to.
 */
export function writeIterations(
  draft: Draft,
  call: CallFacts,
  usage: JsonObject | undefined,
  iterations: readonly JsonObject[],
): InferenceDraft {
  const fallback = iterations.findLast((iteration) => iteration.type === 'fallback_message')
  if (fallback !== undefined) draft.model = textAt(fallback, 'model') ?? draft.model
  let main: InferenceDraft | undefined
  const messages: InferenceDraft[] = []
  for (const iteration of iterations) {
    const kind = kindOf(iteration, fallback !== undefined)
    const inference = addInference(draft, kind, textAt(iteration, 'model') ?? null)
    meterCounts(inference, iteration, call, draft.notes)
    if (kind === 'message' || kind === 'fallback') {
      messages.push(inference)
      main = inference
    }
    if (kind === 'refused') {
      const input = inference.meters.input ?? 0
      addNote(
        draft.notes,
        'refused_attempt',
        `${inference.model ?? 'the requested model'} refused after ${input} input tokens; whether it is billed is not said`,
      )
    }
  }
  attributeThinking(draft, usage, messages)
  return main ?? (draft.inferences[0] as InferenceDraft)
}

/** A message without output before a fallback is the attempt that was refused. */
function kindOf(iteration: JsonObject, hasFallback: boolean): Inference['kind'] {
  const kind = KINDS[textAt(iteration, 'type') ?? ''] ?? 'other'
  return kind === 'message' && hasFallback && iteration.output_tokens === 0 ? 'refused' : kind
}

/** Thinking is counted once for the whole response; it can be placed only when a single pass made all the output. */
function attributeThinking(draft: Draft, usage: JsonObject | undefined, messages: readonly InferenceDraft[]): void {
  const thinking = partOf(readCounter(objectAt(usage, 'output_tokens_details'), 'thinking_tokens', draft.notes))
  const only = messages.length === 1 ? messages[0] : undefined
  if (thinking === 0 || messages.some((inference) => inference.meters['output.reasoning'] !== undefined)) return
  const output = only?.meters.output
  if (only !== undefined && output !== undefined && thinking <= output) {
    only.meters.output = output - thinking
    only.evidence.output = 'derived'
    meterPart(only, 'output.reasoning', thinking)
  } else {
    addNote(
      draft.notes,
      'reasoning_not_split',
      `${thinking} thinking tokens are inside the output of ${messages.length} passes and not placed`,
    )
  }
}
