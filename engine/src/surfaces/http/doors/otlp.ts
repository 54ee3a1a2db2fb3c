import type { Readable } from 'node:stream'
import { OTLP_PATHS, type OtlpSignal } from '@purser/contract'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Refusal, refusal } from '../../../kernel/index.ts'
import { ANONYMOUS, type Caller } from '../../../operations/index.ts'
import { RefusalError } from '../problem.ts'

/** OpenTelemetry's protocol, as its own surface speaks it. */
export interface OtlpDoor {
  take(
    request: {
      readonly signal: OtlpSignal
      readonly contentType: string | undefined
      readonly contentEncoding: string | undefined
      readonly contentLength: string | undefined
      readonly body: Readable | undefined
    },
    caller: Caller,
  ): Promise<OtlpAnswer>
  refuse(contentType: string | undefined, why: Refusal): OtlpAnswer
}

interface OtlpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/**
 * The paths of the protocol. Who may come in is decided as everywhere; a body goes to the door as it comes, because how it is packed and how
 * long it may be is the protocol's matter.
 */
export function addOtlp(app: FastifyInstance, door: OtlpDoor, onFault: (error: unknown, requestId: string) => void): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof RefusalError) return sayNo(reply, door, error.refusal)
    onFault(error, request.id)
    return sayNo(reply, door, refusal('internal', 'something went wrong on our side; the request id finds it in the log'))
  })
  for (const { path, signal } of OTLP_PATHS) {
    app.post(path, async (request, reply) => {
      const { 'content-type': contentType, 'content-encoding': contentEncoding, 'content-length': contentLength } = request.headers
      const body = request.body as Readable | undefined
      const answer = await door.take({ signal, contentType, contentEncoding, contentLength, body }, request.caller ?? ANONYMOUS)
      return send(reply, answer)
    })
  }
}

export function sayNo(reply: FastifyReply, door: OtlpDoor, why: Refusal): FastifyReply {
  reply.request.refusedBy = why.code
  return send(reply, door.refuse(reply.request.headers['content-type'], why))
}

/** What was refused before it was read to its end is not read on: the connection is closed instead. */
function send(reply: FastifyReply, { status, headers, body }: OtlpAnswer): FastifyReply {
  if (status >= 400 && !reply.request.raw.readableEnded) reply.header('connection', 'close')
  return reply.code(status).headers(headers).send(body)
}
