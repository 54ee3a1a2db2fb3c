import { estimateTokenCount } from 'tokenx'
import type { Millis } from '../kernel/index.ts'
import { addressOf, profileRegion } from './bedrock/address.ts'
import { addInference, type Draft, type InferenceDraft, meterTotal, newDraft } from './payload/draft.ts'
import { isObject, type JsonObject, objectAt, parseJson, textAt } from './payload/json.ts'
import { addNote } from './payload/notes.ts'
import { requestText } from './payload/request-text.ts'
import type { CallFacts, ShapeReader } from './payload/shape.ts'
import { errorOfStatus, isBareError, type StatedError, statedError } from './payload/stated-error.ts'
import { canonicalSeller, sellerOfUrl } from './sellers.ts'
import { shapeOf } from './shapes.ts'
import { serviceTier } from './tiers.ts'
import { frameReader } from './transport/frames.ts'
import type { Inference, ServiceTier, Usage, UsageContext } from './usage.ts'

/** What the caller knows of a response besides its bytes. Only `at` is required; more facts leave less to assume. */
export interface ResponseFacts {
  /** When the call was made, in milliseconds since 1970. */
  readonly at: Millis
  /** Who invoices, in any known spelling; taken from `url` when absent. */
  readonly seller?: string
  readonly modelRequested?: string
  readonly url?: string
  /** HTTP status; 200 when absent. */
  readonly status?: number
  readonly contentType?: string | null
  /** The request body, as text or parsed: the only place of cache lifetimes and search sizes, and what missing input is estimated from. */
  readonly request?: string | Readonly<Record<string, unknown>> | null
  /** The tier that was asked for. `batch` outranks what the response says, because a batch is known by how it was sent. */
  readonly tier?: ServiceTier
  readonly region?: string
}

/** Reads a response as it arrives. `push` takes chunks cut anywhere; `end` may be called at any time and gives what is known by then. */
export interface ResponseReader {
  push(chunk: Uint8Array | string): void
  end(): Usage
  /** The name that the provider gave to its answer; null where it gave none. */
  responseId(): string | null
  /** The text delivered so far: what a running count of the output is estimated from. */
  delivered(): string
}

/**
 * A provider's raw response (JSON, JSON lines, server-sent events, AWS event stream) → `Usage`. Never throws: what cannot be read is
 * noted, what was not reported is `missing` or estimated from delivered text as `assumed`, never zero.
 */
export function readResponse(response: ResponseFacts & { readonly body: Uint8Array | string }): Usage {
  const reader = responseReader(response)
  reader.push(response.body)
  return reader.end()
}

/** The incremental form of `readResponse`: any cut of the same bytes gives the same usage. */
export function responseReader(facts: ResponseFacts): ResponseReader {
  const call = callFacts(facts)
  const seen: Seen = {
    reader: null,
    endpoint: '',
    error: null,
    lastPayload: undefined,
    responseId: null,
    done: false,
    unreadable: false,
    streamed: false,
  }
  const take = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) take(item)
    if (!isObject(value)) return
    seen.lastPayload = value
    seen.responseId ??= idOf(value)
    seen.error ??= statedError(value)
    if (isBareError(value)) return
    if (seen.reader === null) {
      const shape = shapeOf(value, call)
      if (shape === undefined) return
      seen.reader = shape.open(call)
      seen.endpoint = shape.endpoint
    }
    seen.reader.take(value)
  }
  const frames = frameReader(facts.contentType ?? '', {
    onValue: take,
    onUnreadable: () => {
      seen.unreadable = true
    },
    onDone: () => {
      seen.done = true
    },
  })
  let ended: Usage | null = null
  return {
    push(chunk) {
      if (ended === null) frames.push(chunk)
    },
    responseId: () => seen.responseId,
    delivered: () => seen.reader?.text() ?? '',
    end() {
      if (ended !== null) return ended
      frames.end()
      seen.streamed = frames.streamed()
      ended = finish(facts, call, seen)
      return ended
    },
  }
}

interface Seen {
  reader: ShapeReader | null
  endpoint: string
  error: StatedError | null
  lastPayload: JsonObject | undefined
  responseId: string | null
  /** The stream's end mark was seen. */
  done: boolean
  unreadable: boolean
  streamed: boolean
}

/** Where APIs put the name of an answer: itself, the message or response that an event begins, Gemini's own word. */
function idOf(value: JsonObject): string | null {
  const named = textAt(value, 'id') ?? textAt(objectAt(value, 'message'), 'id') ?? textAt(objectAt(value, 'response'), 'id')
  return named ?? textAt(value, 'responseId') ?? null
}

function callFacts(facts: ResponseFacts): CallFacts {
  const url = facts.url ?? ''
  const parsed = typeof facts.request === 'string' ? parseJson(facts.request) : facts.request
  const request = isObject(parsed) ? parsed : undefined
  const seller = canonicalSeller(facts.seller ?? '') || sellerOfUrl(url)
  const modelRequested = facts.modelRequested ?? textAt(request, 'model') ?? addressOf(url).model
  return { seller, url, request, modelRequested: modelRequested ?? null, tier: facts.tier ?? null }
}

function finish(facts: ResponseFacts, call: CallFacts, seen: Seen): Usage {
  const status = facts.status ?? 200
  const draft = newDraft(seen.endpoint)
  const reported = seen.reader?.write(draft) ?? false
  const error = status >= 400 ? (seen.error ?? errorOfStatus(status, seen.lastPayload)) : seen.error
  if (status >= 400 && !reported) {
    draft.inferences.length = 0
    draft.notes.length = 0
  } else {
    noteHowItEnded(draft, seen, error)
    settleUnreported(draft, call, seen, reported, error)
  }
  return usageOf(draft, facts, call, error)
}

function noteHowItEnded(draft: Draft, seen: Seen, error: StatedError | null): void {
  if (error !== null && seen.streamed) addNote(draft.notes, 'error_in_stream', `${error.code}: ${error.message}`)
  else if (seen.unreadable) addNote(draft.notes, 'cut_off', 'the response breaks off or holds bytes that are not of its format')
  else if (seen.streamed && !seen.done && !(seen.reader?.finished() ?? false)) {
    addNote(draft.notes, 'cut_off', 'the stream has no end mark')
  }
}

/** Says what is not known, and estimates it from text where there is text. */
function settleUnreported(draft: Draft, call: CallFacts, seen: Seen, reported: boolean, error: StatedError | null): void {
  const delivered = seen.reader?.text() ?? ''
  if (!reported && error !== null && delivered === '') {
    // An error before anything was delivered consumed nothing that a provider bills.
    draft.inferences.length = 0
    return
  }
  if (seen.reader === null) {
    const unknown = addInference(draft, 'other')
    meterTotal(unknown, 'input', undefined)
    meterTotal(unknown, 'output', undefined)
  }
  if (!reported) addNote(draft.notes, 'no_usage', 'the response holds no usage')
  for (const inference of draft.inferences) {
    if (inference.evidence.output === 'missing' && delivered !== '') estimate(draft, inference, 'output', delivered)
    if (inference.evidence.input !== 'missing') continue
    const sent = requestText(call.request)
    if (sent !== '') estimate(draft, inference, 'input', sent)
    else addNote(draft.notes, 'input_missing', 'the count of input tokens was not reported')
  }
}

function estimate(draft: Draft, inference: InferenceDraft, meter: 'input' | 'output', text: string): void {
  meterTotal(inference, meter, Math.max(1, estimateTokenCount(text)), 'assumed')
  addNote(draft.notes, 'estimated_from_text', `${meter} was not counted and is estimated from ${text.length} characters`)
}

function usageOf(draft: Draft, facts: ResponseFacts, call: CallFacts, error: StatedError | null): Usage {
  // Bedrock's bodies name the model without its inference profile, which the price depends on; the address has it whole.
  const model = call.seller === 'aws' ? (addressOf(call.url).model ?? draft.model) : draft.model
  const fallback = model ?? call.modelRequested ?? ''
  const inferences: Inference[] = draft.inferences.map(({ kind, model: own, meters, evidence }) => ({
    model: own ?? fallback,
    kind,
    meters,
    evidence,
  }))
  if (inferences.some((inference) => inference.model === ''))
    addNote(draft.notes, 'model_missing', 'neither request nor response names a model')
  if (call.seller === 'azure' && call.modelRequested?.startsWith('model-router')) {
    addNote(draft.notes, 'model_router', `the router chose ${fallback}; Azure charges a fee for routing on top`)
  }
  return {
    seller: call.seller,
    modelRequested: call.modelRequested,
    modelServed: model,
    at: facts.at,
    inferences,
    context: contextOf(draft, facts, call),
    ...(draft.attested === null ? {} : { attested: draft.attested }),
    notes: draft.notes,
    outcome: error === null ? { ok: true } : { ok: false, code: error.code, message: error.message },
  }
}

function contextOf(draft: Draft, facts: ResponseFacts, call: CallFacts): UsageContext {
  const asked = call.tier ?? serviceTier(call.request?.service_tier ?? call.request?.serviceTier, [])
  const tier = call.tier === 'batch' ? 'batch' : (draft.tier ?? asked)
  const region = draft.region ?? facts.region ?? profileRegion(call.modelRequested ?? '') ?? addressOf(call.url).region
  const size: NonNullable<UsageContext['searchContext']> | null =
    draft.searchContext ?? searchSize(textAt(objectAt(call.request, 'web_search_options'), 'search_context_size'))
  return {
    ...(tier === null ? {} : { tier }),
    ...(region === null ? {} : { region }),
    ...(draft.endpoint === '' ? {} : { endpoint: draft.endpoint }),
    ...(size === null ? {} : { searchContext: size }),
    ...(draft.containerIds.length === 0 ? {} : { containerIds: draft.containerIds }),
  }
}

function searchSize(word: string | undefined): NonNullable<UsageContext['searchContext']> | null {
  return word === 'low' || word === 'medium' || word === 'high' ? word : null
}
