import { type Counter, noteUnknownCounters, readCounter } from '../payload/counters.ts'
import { deliveredText } from '../payload/delivered-text.ts'
import { addInference, type Draft, meterTotal } from '../payload/draft.ts'
import { type JsonObject, objectAt, textAt } from '../payload/json.ts'
import { addNote } from '../payload/notes.ts'
import type { Shape } from '../payload/shape.ts'
import { meterInclusiveInput, meterOutput } from '../payload/split.ts'
import type { Meter } from '../usage.ts'
import { KNOWN_COUNTERS, modalitiesOf } from './details.ts'

/** Transcriptions: by the second (Whisper, Mistral's Voxtral) or by the token (`gpt-4o-transcribe`). */
export const transcriptionShape: Shape = {
  endpoint: 'audio.transcriptions',
  recognises(payload, call) {
    if (textAt(payload, 'type')?.startsWith('transcript.text.')) return true
    if (objectAt(payload, 'usage')?.prompt_audio_seconds !== undefined) return true
    return typeof payload.text === 'string' && (call.url.includes('/audio/') || objectAt(payload, 'usage')?.type !== undefined)
  },
  open() {
    const text = deliveredText()
    let last: JsonObject = {}
    let finished = true
    return {
      take(payload) {
        const type = textAt(payload, 'type') ?? ''
        if (type === 'transcript.text.delta') {
          text.add(payload.delta)
          finished = false
        } else {
          finished = true
        }
        last = payload
      },
      write(draft) {
        draft.model = textAt(last, 'model') ?? null
        return writeTranscription(draft, last)
      },
      text: text.value,
      finished: () => finished,
    }
  },
}

function writeTranscription(draft: Draft, body: JsonObject): boolean {
  const usage = objectAt(body, 'usage')
  const seconds = readSeconds(usage, body, draft)
  const inference = addInference(draft, 'transcription')
  if (seconds === undefined) return writeTokens(draft, inference, usage)
  meterTotal(inference, 'audio.seconds', seconds)
  for (const key of ['prompt_tokens', 'completion_tokens']) {
    const tokens = readCounter(usage, key, draft.notes)
    if (tokens) addNote(draft.notes, 'unbilled_counter', `${key} ${tokens} is not billed: this is priced by the second of audio`)
  }
  noteUnknownCounters(usage, KNOWN_COUNTERS, draft.notes)
  return true
}

function readSeconds(usage: JsonObject | undefined, body: JsonObject, draft: Draft): Counter {
  const stated = usage?.prompt_audio_seconds !== undefined ? 'prompt_audio_seconds' : 'seconds'
  if (usage?.[stated] !== undefined) return readCounter(usage, stated, draft.notes)
  const duration = Number(body.duration)
  // Whisper's verbose answer has the length in fractions and no usage; a begun second is a second.
  return usage === undefined && Number.isFinite(duration) && duration >= 0 ? Math.ceil(duration) : undefined
}

/** Images by the token (`gpt-image-1` and later). */
export const imageShape: Shape = {
  endpoint: 'images',
  recognises(payload, call) {
    const usage = objectAt(payload, 'usage')
    if (textAt(payload, 'type')?.startsWith('image_generation.') || textAt(payload, 'type')?.startsWith('image_edit.')) return true
    return (
      usage?.input_tokens !== undefined && (call.url.includes('/images/') || (Array.isArray(payload.data) && payload.created !== undefined))
    )
  },
  open() {
    let last: JsonObject = {}
    return {
      take(payload) {
        last = payload
      },
      write(draft) {
        draft.model = textAt(last, 'model') ?? null
        return writeTokens(draft, addInference(draft, 'image'), objectAt(last, 'usage'), 'output.image')
      },
      text: () => '',
      finished: () => objectAt(last, 'usage') !== undefined,
    }
  },
}

/** Token usage of audio and image models. Where output details are absent, everything an image model makes is image. */
function writeTokens(
  draft: Draft,
  inference: ReturnType<typeof addInference>,
  usage: JsonObject | undefined,
  outputMeter: Meter = 'output',
): boolean {
  const { notes } = draft
  const details = objectAt(usage, 'input_tokens_details') ?? objectAt(usage, 'input_token_details')
  const outputDetails = objectAt(usage, 'output_tokens_details') ?? objectAt(usage, 'output_token_details')
  const input = readCounter(usage, 'input_tokens', notes)
  const output = readCounter(usage, 'output_tokens', notes)
  const cached = readCounter(details, 'cached_tokens', notes)
  meterInclusiveInput(inference, { total: input, cached, written: undefined, modalities: modalitiesOf(details, notes) }, notes)
  if (outputMeter === 'output' || outputDetails !== undefined) {
    meterOutput(inference, { total: output, reasoning: undefined, modalities: modalitiesOf(outputDetails, notes) }, notes)
  } else meterTotal(inference, outputMeter, output)
  noteUnknownCounters(usage, KNOWN_COUNTERS, notes)
  return input !== undefined || output !== undefined
}
