import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Cassette, cassetteNamed, handWritten, loadCassettes, matchCassette, objectOf } from './cassette.ts'
import type { Manner } from './manner.ts'
import { notRecorded, recordedAnswer } from './recorded-answer.ts'
import { sendAnswer } from './send-answer.ts'

/** A request as it arrived. */
export interface Received {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body as an object; empty where it is none. */
  readonly json: Readonly<Record<string, unknown>>
  /** The recording it was answered with; null where none fits or the answer was not recorded. */
  readonly cassette: string | null
  /** How it ended: `answered` in full, or the caller had `gone`, or the connection was given up here. Pending while it is under way. */
  readonly ended: Promise<'answered' | 'gone'>
}

/** How to answer, by what is asked. */
export type MannerOf = (asked: Readonly<Record<string, unknown>>) => Manner

export interface Upstream {
  readonly url: string
  readonly received: readonly Received[]
  /** Answers the next requests so, one each, in this order; those after them as before. */
  next(...manners: readonly Manner[]): void
  /** Answers all requests so that `next` says nothing of. */
  always(manner: Manner | MannerOf): void
  /** Forgets what was received and how to answer. */
  reset(): void
  close(): Promise<void>
}

/** Asked for in a header of a request, a recording is its answer, whatever else it says. */
export const PIN_HEADER = 'x-upstream-cassette'

/**
 * A provider made of recordings, on a loopback port of its own: it finds the recording that a request asks for and answers with its status, headers
 * and bytes, or fails in the manner it is told to.
 */
export async function startUpstream(cassettes: readonly Cassette[] = [...loadCassettes(), ...handWritten()]): Promise<Upstream> {
  const received: Received[] = []
  const queue: Manner[] = []
  let usual: Manner | MannerOf = {}
  const server = createServer((request, response) => {
    bodyOf(request).then(
      (body) => answer(request, response, body),
      () => response.destroy(),
    )
  })
  const answer = async (request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> => {
    const { method = '', url: path = '', headers } = request
    const json = objectOf(body.toString('utf8'))
    const manner = queue.shift() ?? (typeof usual === 'function' ? usual(json) : usual)
    const pinned = manner.cassette ?? headers[PIN_HEADER]
    const cassette =
      typeof pinned === 'string'
        ? cassetteNamed(cassettes, pinned)
        : matchCassette(
            cassettes.filter((each) => each.method === method),
            path,
            json,
          )
    const ended = once(response, 'close').then(() => (response.writableFinished ? 'answered' : 'gone'))
    received.push({ method, path, headers, body, json, cassette: manner.body === undefined ? (cassette?.file ?? null) : null, ended })
    const recorded = cassette === null ? notRecorded(method, path) : recordedAnswer(cassette, json)
    await sendAnswer(response, recorded, manner)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    next: (...manners) => void queue.push(...manners),
    always(manner) {
      usual = manner
    },
    reset() {
      received.length = 0
      queue.length = 0
      usual = {}
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
