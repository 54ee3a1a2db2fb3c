import type { IncomingMessage, ServerResponse } from 'node:http'
import { recordPassed } from '../../operations/index.ts'
import { responseReader } from '../../usage/index.ts'
import { type Tap, tapOf } from './answer/tap.ts'
import { type Failure, upstreamFailure } from './dialects/index.ts'
import type { SendFailure } from './forward.ts'
import { type Gateway, type GatewayAsker, tellOfLoss } from './gateway.ts'
import { answerHeaders, requestHeaders } from './headers.ts'
import { identityOf } from './identity.ts'
import { errorAnswer, sendError, type Telling } from './reply.ts'
import type { Route } from './route.ts'

/** A request that is not known to be billed by what it answers. */
export interface Passing {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly route: Route
  readonly telling: Telling
  readonly asker: GatewayAsker
}

/**
 * Passes on lists of models, files, counts and whatever is new, in both directions as it comes. Nothing is held for it; where something was asked of a path that
 * we do not know and the answer states what was used, that is posted.
 */
export function passThrough(gateway: Gateway, passing: Passing): Promise<void> {
  const { incoming, outgoing, route, telling, asker } = passing
  const { method = 'GET' } = incoming
  const headers = requestHeaders(incoming.headers, route.upstream, (text) =>
    gateway.services.keyring.isSecret(text.replace(/^bearer +/i, '')),
  )
  const bodiless = method === 'GET' || method === 'HEAD'
  const length = incoming.headers['content-length']
  if (!bodiless && length !== undefined) headers['content-length'] = length
  const startedAt = gateway.services.now()
  let tap: Tap | null = null
  let over = false
  return new Promise((resolve) => {
    // An answer may have come to its end when its client leaves: whichever is first, it is posted once.
    const finish = (): void => {
      if (over) return
      over = true
      posted(gateway, passing, tap, startedAt).then(resolve, (error) => {
        gateway.onFault(error, asker.requestId)
        resolve()
      })
    }
    const sent = gateway.sender.send(
      route.origin,
      { method, path: route.path, headers, body: bodiless ? null : asker.payload },
      {
        onHead(status, answered) {
          const bodyLength = answered['content-length']
          outgoing.writeHead(status, { ...answerHeaders(answered), ...(bodyLength === undefined ? {} : { 'content-length': bodyLength }) })
          if (method === 'POST' && route.endpoint === null && status < 400) tap = tapFor(route, startedAt, answered)
        },
        onData(chunk) {
          tap?.push(chunk)
          return outgoing.destroyed || outgoing.write(chunk)
        },
        onEnd() {
          outgoing.end()
          finish()
        },
        onFailed(failure) {
          if (outgoing.headersSent) outgoing.destroy()
          else sendError(outgoing, errorAnswer(toldOf(failure), telling))
          finish()
        },
      },
    )
    outgoing.on('drain', () => sent.resume())
    outgoing.on('close', () => {
      if (outgoing.writableFinished) return
      sent.abort()
      finish()
    })
  })
}

/** Why a provider did not answer, in words for its client. */
export function toldOf({ message, code, timedOut }: SendFailure): Failure {
  if (timedOut) return upstreamFailure(504, `the provider did not answer in time (${code})`, 'upstream_timeout')
  return upstreamFailure(502, `the provider could not be asked, or broke off: ${message}`, 'upstream_unreachable')
}

/** Only what is text and says what it is: pictures and files are passed on unread. */
function tapFor(route: Route, at: number, headers: Readonly<Record<string, string | string[] | undefined>>): Tap | null {
  const type = String(headers['content-type'] ?? '')
  if (!/json|event-stream/.test(type)) return null
  const { seller } = route.upstream
  return tapOf(responseReader({ at, seller, url: route.url, contentType: type }), headers['content-encoding']?.toString())
}

async function posted(gateway: Gateway, { asker, incoming }: Passing, tap: Tap | null, startedAt: number): Promise<void> {
  const usage = await tap?.end()
  if (usage === undefined || usage.inferences.length === 0 || usage.notes.some(({ code }) => code === 'no_usage')) return
  const { services } = gateway
  const settled = await recordPassed(services, asker.caller, {
    said: identityOf(incoming.headers, null),
    usage,
    latencyMs: services.now() - startedAt,
    responseId: tap?.responseId() ?? null,
  })
  if (settled.ok) tellOfLoss(gateway, asker.requestId, settled.value)
  else gateway.onFault(new Error(`what was passed on could not be posted: ${settled.error.detail}`), asker.requestId)
}
