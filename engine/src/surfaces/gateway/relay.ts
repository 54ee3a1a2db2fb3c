import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { LIMITS, type Millis } from '../../kernel/index.ts'
import type { Passage, Settled } from '../../operations/index.ts'
import { responseReader, type Usage } from '../../usage/index.ts'
import { growth } from './answer/growth.ts'
import { hideUsage, type StreamFilter } from './answer/hide-usage.ts'
import { spokenUsage } from './answer/spoken.ts'
import { type Tap, tapOf } from './answer/tap.ts'
import type { Recorder } from './course/recorder.ts'
import { type Failure, upstreamFailure } from './dialects/index.ts'
import type { Sent } from './forward.ts'
import { type Gateway, tellOfLoss } from './gateway.ts'
import { answerHeaders, isPage, isStream, requestHeaders } from './headers.ts'
import { isClaudeCode } from './identity.ts'
import { toldOf } from './pass-through.ts'
import { type Plan, sentBody } from './plan.ts'
import { callHeaders, errorAnswer, sendError, type Telling } from './reply.ts'
import type { RequestBody } from './request-body.ts'
import type { Route } from './route.ts'
import { refusesOption } from './usage-option.ts'

/** A call that was let through, with all that its answer is told by. */
export interface UnderWay {
  readonly gateway: Gateway
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly route: Route
  /** The client's headers, as far as they may go there. */
  readonly asked: IncomingHttpHeaders
  readonly body: RequestBody
  readonly plan: Plan
  readonly passage: Passage
  readonly telling: Telling
  readonly startedAt: Millis
  /** What a policy makes of it; null: none is for it. */
  readonly course: Course | null
}

/** What becomes of a call beside its way. */
export interface Course {
  /** Told with its answer. */
  readonly headers: Readonly<Record<string, string>>
  readonly recorder: Recorder | null
  /** How long the answer may take to begin; null: as long as any. */
  readonly headMs: number | null
  /** Whether a failure is not told, because another route is tried. */
  readonly fallsBack: (failed: { readonly status: number; readonly failure: Failure | null }) => boolean
}

/** How an answer stands. */
interface State {
  sent: Sent | null
  status: number
  headers: IncomingHttpHeaders
  tap: Tap | null
  filter: StreamFilter | null
  /** Whole answers wait for their end, because their headers tell the cost. */
  waiting: Buffer[] | null
  waitingBytes: number
  /** Set once, by what comes first: the end, a failure, the client that left, the budget that cut. */
  over: boolean
}

/**
 * Sends a call to its provider and its answer to the client, byte for byte, and posts what the answer says was used. Resolves when the call is settled, on every
 * way out of it; never rejects for what a provider or a client does. Null: the client has its answer. Otherwise nothing was sent to it, so that another route can
 * be tried, and what is returned tells it of the failure.
 */
export function relay(call: UnderWay): Promise<(() => void) | null> {
  const { gateway, asked, outgoing, route, body, plan, passage } = call
  const state: State = { sent: null, status: 0, headers: {}, tap: null, filter: null, waiting: null, waitingBytes: 0, over: false }
  return new Promise((resolve) => {
    const finish = (ending: Ended): void => {
      if (state.over) return
      state.over = true
      watch.stop()
      clearTimeout(late)
      if (ending.abort) state.sent?.abort()
      settle(call, state, ending).then(resolve, (error) => {
        gateway.onFault(error, call.telling.requestId)
        outgoing.destroy()
        resolve(null)
      })
    }
    const watch = growth(
      call,
      () => state.tap?.delivered() ?? '',
      (failure) => finish({ reason: 'budget', failure, abort: true }),
    )
    const late = whenLate(call.course, () => finish({ reason: 'failed', failure: LATE, abort: true, reached: true }))
    outgoing.on('close', () => {
      // A whole answer has been paid for when its client leaves: it is read to its end, so that its cost is known.
      if (!outgoing.writableFinished && state.waiting === null && state.status !== 0) finish({ reason: 'left', failure: null, abort: true })
    })
    outgoing.on('drain', () => state.sent?.resume())
    const headers = { ...requestHeaders(asked, route.upstream, (text) => gateway.services.keyring.isSecret(bare(text))) }
    const { origin, path, url } = route
    const send = (): void => {
      const { bytes, hidesUsage } = sentBody(body, plan, passage, gateway.usageOption.isTaken(url))
      state.sent = gateway.sender.send(
        origin,
        { method: 'POST', path, headers, body: bytes },
        {
          onHead(status, answered) {
            clearTimeout(late)
            if (status < 400 && isPage(answered)) finish({ reason: 'failed', failure: PAGE, abort: true })
            else begin(call, state, { status, headers: answered, hidesUsage })
          },
          onData(chunk) {
            watch.grew(chunk.length)
            const goesOn = take(call, state, chunk)
            // Its client left before it began: its first piece may say what was read.
            if (outgoing.destroyed && state.waiting === null) finish({ reason: 'left', failure: null, abort: true })
            return goesOn
          },
          onEnd() {
            if (!hidesUsage || !refusesOption(state.status, Buffer.concat(state.waiting ?? []))) {
              finish({ reason: 'ended', failure: null, abort: false })
              return
            }
            // What the client asked is not at fault: it goes once more as it came, and what the stream uses is estimated.
            gateway.usageOption.refused(url)
            Object.assign(state, { status: 0, headers: {}, tap: null, waiting: null, waitingBytes: 0 })
            send()
          },
          onFailed: (failure) => finish({ reason: 'failed', failure: toldOf(failure), abort: false, reached: failure.reached }),
        },
      )
    }
    send()
  })
}

const LATE = upstreamFailure(504, 'the provider did not begin its answer in the time that the policy gives it', 'upstream_timeout')

function whenLate(course: Course | null, then: () => void): NodeJS.Timeout | undefined {
  return course === null || course.headMs === null ? undefined : setTimeout(then, course.headMs)
}

/** No API of a model answers with it. Passed on as it is, its client would take it for an answer. */
const PAGE = upstreamFailure(
  502,
  'the provider answered with a page (text/html) where its API was asked: check the address of the upstream',
  'upstream_page',
)

interface Ended {
  readonly reason: 'ended' | 'failed' | 'left' | 'budget'
  readonly failure: Failure | null
  readonly abort: boolean
  readonly reached?: boolean
}

function begin(call: UnderWay, state: State, head: { status: number; headers: IncomingHttpHeaders; hidesUsage: boolean }): void {
  const { outgoing, route, body, plan, startedAt } = call
  const { status, headers } = head
  state.status = status
  state.headers = headers
  const reader = responseReader({
    at: startedAt,
    seller: route.upstream.seller,
    modelRequested: plan.call.model,
    url: route.url,
    status,
    contentType: headers['content-type'] ?? null,
    request: (body.value ?? null) as Readonly<Record<string, unknown>> | null,
  })
  const encoding = headers['content-encoding']
  state.tap = tapOf(reader, encoding)
  if (status < 400 && isStream(headers)) {
    state.filter = head.hidesUsage && encoding === undefined ? hideUsage() : null
    // What came with the head goes with it, in one piece; a head that came alone waits for nothing.
    outgoing.cork()
    outgoing.writeHead(status, {
      ...answerHeaders(headers),
      ...told(call, null),
      'x-request-id': headers['x-request-id'] ?? call.telling.requestId,
    })
    outgoing.flushHeaders()
    process.nextTick(() => outgoing.uncork())
  } else {
    state.waiting = []
  }
}

/** Takes a piece of the answer; false: the client cannot take more at the moment. */
function take(call: UnderWay, state: State, chunk: Buffer): boolean {
  const { outgoing } = call
  state.tap?.push(chunk)
  if (state.waiting === null) return written(call, state, chunk)
  state.waiting.push(chunk)
  state.waitingBytes += chunk.length
  if (state.waitingBytes <= LIMITS.gatewayBodyBytesMax) return true
  // Longer than what is kept in memory: it goes on without its cost.
  outgoing.writeHead(state.status, { ...answerHeaders(state.headers), ...told(call, null) })
  const all = Buffer.concat(state.waiting)
  state.waiting = null
  call.course?.recorder?.push(all)
  return outgoing.write(all)
}

function written({ outgoing, course }: UnderWay, { filter }: State, chunk: Buffer): boolean {
  const piece = filter === null ? chunk : filter.take(chunk)
  if (piece !== null) course?.recorder?.push(piece)
  return piece === null || outgoing.destroyed || outgoing.write(piece)
}

async function settle(call: UnderWay, state: State, ended: Ended): Promise<(() => void) | null> {
  const { gateway, passage, plan, course, startedAt } = call
  const usage = await usageOf(call, state, ended)
  const errorCode = errorCodeOf(state, ended, usage)
  const now = gateway.services.now()
  const settled = await passage.settle({ usage, latencyMs: now - startedAt, errorCode, responseId: answerName(call, state) })
  tellOfLoss(gateway, call.telling.requestId, settled)
  const attempt = plan.call.retryOf
  if (errorCode === null) gateway.attempts.succeeded(plan.request)
  else gateway.attempts.failed(plan.request, { callId: attempt?.callId ?? passage.callId, attempt: attempt?.attempt ?? 1 }, now)
  const rest = state.filter?.rest() ?? (state.waiting === null ? null : Buffer.concat(state.waiting))
  if (rest !== null) course?.recorder?.push(rest)
  if (errorCode === null && state.status === 200) course?.recorder?.ended({ headers: state.headers, usage, callId: passage.callId })
  const tell = (): void => finishAnswer(call, state, ended, { rest, settled })
  const failed = { status: state.status, failure: ended.failure }
  if (errorCode !== null && !call.outgoing.headersSent && ended.reason !== 'budget' && course?.fallsBack(failed) === true) return tell
  tell()
  return null
}

function finishAnswer(
  call: UnderWay,
  state: State,
  ended: Ended,
  { rest, settled }: { readonly rest: Buffer | null; readonly settled: Settled },
): void {
  const { outgoing, telling } = call
  if (outgoing.destroyed) return
  if (outgoing.headersSent) {
    if (rest !== null && ended.failure === null) outgoing.write(rest)
    if (ended.failure !== null && state.headers['content-encoding'] === undefined)
      outgoing.write(telling.dialect.streamEnd(ended.failure, telling.requestId))
    outgoing.end()
    return
  }
  if (ended.failure !== null) {
    const { status, headers, body } = errorAnswer(ended.failure, telling)
    sendError(outgoing, { status, headers: { ...headers, ...told(call, settled) }, body })
    return
  }
  const whole = rest ?? Buffer.alloc(0)
  outgoing.writeHead(state.status, { ...answerHeaders(state.headers), ...told(call, settled), 'content-length': String(whole.length) })
  outgoing.end(whole)
}

function told({ passage, course }: UnderWay, settled: Settled | null): Record<string, string> {
  return { ...callHeaders(passage, settled), ...course?.headers }
}

/** Claude Code tells of its calls by the id of the request, everybody else by that of the answer. */
function answerName({ incoming }: UnderWay, { tap, headers }: State): string | null {
  const request = headers['request-id']
  return isClaudeCode(incoming.headers) && typeof request === 'string' ? request : (tap?.responseId() ?? null)
}

/** What was used. Of a request that never got to its provider: nothing. Of one that got there and was not answered: nobody knows, and it says so. */
async function usageOf({ body, plan, route, startedAt }: UnderWay, { tap, status, headers }: State, ended: Ended): Promise<Usage> {
  if (tap !== null) {
    const usage = await tap.end()
    return spokenUsage(usage, {
      endpoint: plan.needs.endpoint,
      status,
      contentType: headers['content-type'] ?? '',
      characters: plan.needs.others.characters,
    })
  }
  const reader = responseReader({
    at: startedAt,
    seller: route.upstream.seller,
    modelRequested: plan.call.model,
    url: route.url,
    status: ended.reached === false ? 502 : 200,
    request: (body.value ?? null) as Readonly<Record<string, unknown>> | null,
  })
  return reader.end()
}

function errorCodeOf({ status }: State, { reason, failure }: Ended, usage: Usage): string | null {
  if (reason === 'left') return 'client_closed'
  if (failure !== null) return failure.code
  if (!usage.outcome.ok) return usage.outcome.code
  return status >= 400 ? `http_${status}` : null
}

function bare(credential: string): string {
  return credential.replace(/^bearer +/i, '').trim()
}
