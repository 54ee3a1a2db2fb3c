import { type Facts, objectOf } from '../redact.ts'
import { type Observation, quietly } from './observation.ts'
import { isStream, observeStream, type StreamReader } from './stream.ts'

/** How one API shape is read. */
export interface Shape {
  /** Facts of a whole answer, and the code of an error inside it. */
  read(answer: Facts): { readonly facts: Facts; readonly failure?: string | undefined }
  openStream(): StreamReader
}

/** Ids of reported calls by what the caller holds: its answer, its stream, its promise. Weak, so nothing is kept alive. */
const observations = new WeakMap<object, Observation>()

/**
 * The id under which the call that gave this answer (or stream, or promise) was reported; undefined when it was not observed or has not ended.
 * Give it as `parentCallId` to the calls that the answer leads to.
 */
export function callIdOf(answer: object): string | undefined {
  return observations.get(answer)?.callId() ?? undefined
}

/**
 * Watches what a method of a provider's SDK returned and gives the same object back. The answer is seen where the SDK itself parses it, so
 * nothing is read, parsed or awaited that the caller does not read, parse or await: `withResponse()`, `asResponse()` and derived promises
 * work as before, and an error that nobody handles is still nobody's.
 */
export function observeResult<T>(result: T, observation: Observation, shape: Shape): T {
  quietly(() => {
    const promise = objectOf(result)
    if (promise === null) return
    observations.set(promise, observation)
    if (isApiPromise(promise)) watchApiPromise(promise, observation, shape)
    else if (typeof promise.then === 'function') watchPlainPromise(promise as unknown as PromiseLike<unknown>, observation, shape)
    else settleWith(promise, observation, shape)
  })
  return result
}

/** The two fields behind `APIPromise` of the openai and @anthropic-ai/sdk packages: the response, and how it is parsed when asked for. */
interface ApiPromise {
  responsePromise: Promise<unknown>
  parseResponse: (client: unknown, props: unknown) => unknown
  asResponse: () => Promise<Response>
}

function isApiPromise(value: object): value is ApiPromise {
  const { responsePromise, parseResponse, asResponse } = value as Partial<ApiPromise>
  return typeof responsePromise?.then === 'function' && typeof parseResponse === 'function' && typeof asResponse === 'function'
}

function watchApiPromise(promise: ApiPromise, observation: Observation, shape: Shape): void {
  const { responsePromise, parseResponse, asResponse } = promise
  let isParsed = false
  // In place of the promise and not beside it: a rejection that the caller does not handle stays unhandled.
  promise.responsePromise = responsePromise.then(undefined, (error: unknown) => {
    quietly(() => observation.fail(error))
    throw error
  })
  promise.parseResponse = async (client, props) => {
    isParsed = true
    let answer: unknown
    try {
      answer = await parseResponse.call(promise, client, props)
    } catch (error) {
      quietly(() => observation.fail(error))
      throw error
    }
    quietly(() => settleWith(answer, observation, shape))
    return answer
  }
  promise.asResponse = () => {
    const response = asResponse.call(promise)
    response.then(
      (raw) => {
        if (!isParsed) quietly(() => readRaw(raw, observation, shape))
      },
      () => undefined,
    )
    return response
  }
}

/**
 * A raw response that the caller reads by itself. JSON is read from a copy; a raw stream is not, because reading a copy would go on when the caller
 * stops, so its call is reported without usage, which the server shows as unknown.
 */
function readRaw(raw: Response, observation: Observation, shape: Shape): void {
  const isJson = raw.headers.get('content-type')?.includes('json') === true
  if (!isJson || raw.bodyUsed) {
    observation.succeed({})
    return
  }
  raw
    .clone()
    .json()
    .then(
      (answer: unknown) => settleWith(answer, observation, shape),
      () => observation.succeed({}),
    )
    .catch(() => undefined)
}

function watchPlainPromise(promise: PromiseLike<unknown>, observation: Observation, shape: Shape): void {
  promise.then(
    (answer) => quietly(() => settleWith(answer, observation, shape)),
    (error: unknown) => quietly(() => observation.fail(error)),
  )
}

function settleWith(answer: unknown, observation: Observation, shape: Shape): void {
  const value = objectOf(answer)
  if (value === null) {
    observation.succeed({})
    return
  }
  observations.set(value, observation)
  if (isStream(value)) {
    observeStream(value, observation, shape.openStream())
    return
  }
  const { facts, failure } = shape.read(value)
  if (failure === undefined) observation.succeed(facts)
  else observation.fail({ code: failure }, facts)
}
