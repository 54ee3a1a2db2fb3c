import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { cutBytes } from './cut.ts'
import type { Manner, Stop } from './manner.ts'
import type { RecordedAnswer } from './recorded-answer.ts'

const ENCODERS = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync } as const

/** Sends an answer in the manner that was asked for. Resolves when all is sent, or when the answer hangs. */
export async function sendAnswer(response: ServerResponse, recorded: RecordedAnswer, manner: Manner): Promise<void> {
  const { stop, encode, headersDelayMs, pieceDelayMs, trailers } = manner
  if (stop?.after === 'request') return halt(response, stop.how, manner)
  if (headersDelayMs !== undefined) await delay(headersDelayMs)
  const plain = manner.body === undefined ? recorded.body : Buffer.from(manner.body)
  const whole = encode === undefined ? plain : ENCODERS[encode](plain)
  response.writeHead(manner.status ?? recorded.status, headersOf(recorded, manner))
  response.flushHeaders()
  if (stop?.after === 'headers') return halt(response, stop.how, manner)
  const body = stop === undefined ? whole : whole.subarray(0, stop.after)
  for (const piece of piecesOf(body, recorded, manner)) {
    if (response.destroyed) return
    if (!response.write(piece)) await drained(response)
    if (pieceDelayMs !== undefined) await delay(pieceDelayMs)
  }
  if (stop !== undefined) {
    if (stop.instead !== undefined) response.write(stop.instead)
    return halt(response, stop.how, manner)
  }
  if (trailers !== undefined) response.addTrailers(trailers)
  end(response, manner)
}

function headersOf(recorded: RecordedAnswer, { headers, encode, announcedBytes, trailers }: Manner): Record<string, string> {
  return {
    ...recorded.headers,
    ...headers,
    ...(encode === undefined ? {} : { 'content-encoding': encode }),
    ...(announcedBytes === undefined ? {} : { 'content-length': String(announcedBytes) }),
    ...(trailers === undefined ? {} : { trailer: Object.keys(trailers).join(', ') }),
  }
}

function piecesOf(body: Uint8Array, { headers }: RecordedAnswer, { cut, encode }: Manner): Uint8Array[] {
  if (cut !== undefined) return cutBytes(body, cut)
  if (encode !== undefined || headers['content-type']?.startsWith('text/event-stream') !== true) return [body]
  const events = Buffer.from(body)
    .toString('latin1')
    .split(/(?<=\n\n)/)
  return events.map((event) => Buffer.from(event, 'latin1'))
}

function halt(response: ServerResponse, how: Stop['how'], manner: Manner): void {
  if (how === 'reset') response.socket?.resetAndDestroy()
  else if (how === 'end') end(response, manner)
}

/** An answer that announced more than it has cannot be followed by another on the same connection. */
function end(response: ServerResponse, { announcedBytes }: Manner): void {
  const { socket } = response
  response.end(() => {
    if (announcedBytes !== undefined) socket?.end()
  })
}

/** Whichever comes first: there is room again, or the caller has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.once('drain', done).once('close', done)
  })
}
