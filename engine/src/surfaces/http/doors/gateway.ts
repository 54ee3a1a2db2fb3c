import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Refusal } from '../../../kernel/index.ts'
import { ANONYMOUS, type Caller } from '../../../operations/index.ts'

/** Calls that are passed on to providers, as their own surface takes them. */
export interface GatewayDoor {
  /** The first parts of its paths. */
  readonly names: readonly string[]
  take(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    asker: { readonly caller: Caller; readonly requestId: string; readonly payload: Readable },
  ): Promise<void>
  /** A refusal in the words of the API that a request is for. */
  refuse(
    incoming: IncomingMessage,
    refused: Refusal,
    requestId: string,
  ): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }>
}

/**
 * The paths of the gateway. Who may come in is decided before, as everywhere; bodies are neither limited nor read here, and answers are written by the surface
 * itself, as they come.
 */
export function addGateway(scope: FastifyInstance, door: GatewayDoor): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  for (const name of door.names) {
    scope.all(`/${name}/*`, async (request, reply) => {
      reply.hijack()
      const payload = (request.body as Readable | undefined) ?? request.raw
      await door.take(request.raw, reply.raw, { caller: request.caller ?? ANONYMOUS, requestId: request.id, payload })
    })
  }
}

/** Answers what is refused before the gateway has seen it in the words of the provider. */
export function refuseAsProvider(door: GatewayDoor): (reply: FastifyReply, refused: Refusal) => void {
  return (reply, refused) => {
    reply.request.refusedBy = refused.code
    door.refuse(reply.request.raw, refused, reply.request.id).then(
      ({ status, headers, body }) => reply.code(status).headers(headers).send(body),
      (error: Error) => reply.send(error),
    )
  }
}
