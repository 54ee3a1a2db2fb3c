import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { fail, LIMITS, ok, type Refusal, type Result, refusal } from '../../kernel/index.ts'

/** What is being read or posted, of all requests together. */
export interface InFlight {
  /** False: there is no room for so many bytes more. */
  take(bytes: number): boolean
  give(bytes: number): void
}

export function inFlight(bytesMax: number): InFlight {
  let bytes = 0
  return {
    take(more) {
      if (bytes + more > bytesMax) return false
      bytes += more
      return true
    },
    give(less) {
      bytes -= less
    },
  }
}

/** A body as it was unpacked, and the bytes that it has taken of what may be in flight: whoever is done with it gives them back. */
export interface ReadBody {
  readonly bytes: Buffer
  readonly taken: number
}

/** What the headers say of a body. */
export interface BodyHead {
  readonly encoding: string | undefined
  /** Its `Content-Length`; 0: not said. */
  readonly declared: number
}

/**
 * Room is taken for the whole body before it is read, so that of many that come together as many are taken as there is room for: chunk by chunk
 * they would all come half way. Of a packed one it is a guess that is put right as it is unpacked.
 */
const USUALLY_UNPACKS_TO = 6

const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/**
 * Reads and unpacks a body chunk by chunk. It is given up at the first byte past a limit, packed or unpacked, so that a bomb of compression costs no
 * more than that; what had been taken is given back at once.
 */
export async function readBody(source: Readable | undefined, head: BodyHead, room: InFlight): Promise<Result<ReadBody>> {
  const { encoding, declared } = head
  const way = encoding?.trim().toLowerCase() ?? ''
  if (source === undefined) return ok({ bytes: Buffer.alloc(0), taken: 0 })
  const plain = way === '' || way === 'identity'
  const unpacker = !plain && Object.hasOwn(UNPACKERS, way) ? UNPACKERS[way] : undefined
  if (!plain && unpacker === undefined) {
    return fail(refusal('unsupported_media_type', 'the encoding of a body is gzip, deflate, br or identity'))
  }
  const taken = Math.min(plain ? declared : declared * USUALLY_UNPACKS_TO, LIMITS.telemetryBytesMax)
  if (!room.take(taken)) return fail(tooMuch())
  const reading: Reading = { room, chunks: [], length: 0, taken }
  const refused = unpacker === undefined ? await readAll(source, reading) : await unpack(source, unpacker(), reading)
  if (refused !== null) {
    room.give(reading.taken)
    return fail(refused)
  }
  const [only] = reading.chunks
  return ok({ bytes: reading.chunks.length === 1 && only !== undefined ? only : Buffer.concat(reading.chunks), taken: reading.taken })
}

interface Reading {
  readonly room: InFlight
  readonly chunks: Buffer[]
  length: number
  taken: number
}

async function readAll(source: Readable, reading: Reading): Promise<Refusal | null> {
  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    const refused = keep(reading, chunk)
    if (refused !== null) return refused
  }
  return null
}

/** Packed bytes are fed by hand, with one chunk unpacked at a time: a pipe would go on reading after a refusal. */
async function unpack(source: Readable, unpacker: Transform, reading: Reading): Promise<Refusal | null> {
  let packed = 0
  let tooLong = false
  const feed = async (): Promise<void> => {
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      packed += chunk.length
      tooLong = packed > LIMITS.telemetryBytesMax
      if (tooLong || unpacker.destroyed) break
      if (!unpacker.write(chunk)) await drained(unpacker)
    }
    unpacker.end()
  }
  const feeding = feed()
  try {
    for await (const chunk of unpacker as AsyncIterable<Buffer>) {
      const refused = keep(reading, chunk)
      if (refused !== null) return refused
    }
    await feeding
    return tooLong ? tooLarge() : null
  } catch {
    return refusal('invalid_field', 'the body is not packed as its Content-Encoding says, or it was cut off')
  } finally {
    unpacker.destroy()
    await feeding.catch(() => undefined)
  }
}

function drained(unpacker: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unpacker.off('drain', done).off('close', done).off('error', done)
      resolve()
    }
    unpacker.on('drain', done).on('close', done).on('error', done)
  })
}

function keep(reading: Reading, chunk: Buffer): Refusal | null {
  reading.length += chunk.length
  if (reading.length > LIMITS.telemetryBytesMax) return tooLarge()
  const more = reading.length - reading.taken
  if (more > 0) {
    if (!reading.room.take(more)) return tooMuch()
    reading.taken += more
  }
  reading.chunks.push(chunk)
  return null
}

function tooLarge(): Refusal {
  const limit = LIMITS.telemetryBytesMax
  return refusal('too_large', `a telemetry request has at most ${limit} bytes, also when it is unpacked`, { facts: { limit_bytes: limit } })
}

function tooMuch(): Refusal {
  return refusal('overloaded', 'too much telemetry is being read at the moment; nothing of this request was taken')
}
