import { type BrotliDecompress, createBrotliDecompress, createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib'
import { LIMITS } from '../../../kernel/index.ts'
import type { ResponseReader, Usage } from '../../../usage/index.ts'

/** Reads an answer beside its way to the client. */
export interface Tap {
  push(chunk: Buffer): void
  end(): Promise<Usage>
  delivered(): string
  responseId(): string | null
}

/**
 * A reader over the bytes of an answer as they are sent. A provider that compresses although it was asked not to is read through a decoder; what the decoder
 * cannot read is as if it had not come, and so is what unpacks to more than an answer may have.
 */
export function tapOf(reader: ResponseReader, encoding: string | undefined): Tap {
  const decoder = decoderOf(encoding)
  if (decoder === null)
    return {
      push: (chunk) => reader.push(chunk),
      end: async () => reader.end(),
      delivered: () => reader.delivered(),
      responseId: () => reader.responseId(),
    }
  const ended = new Promise<void>((resolve) => {
    decoder.on('end', resolve)
    decoder.on('error', () => resolve())
    decoder.on('close', resolve)
  })
  let unpackedBytes = 0
  decoder.on('data', (chunk: Buffer) => {
    unpackedBytes += chunk.length
    if (unpackedBytes > LIMITS.gatewayBodyBytesMax) decoder.destroy()
    else reader.push(chunk)
  })
  return {
    push: (chunk) => {
      if (!decoder.destroyed) decoder.write(chunk)
    },
    async end() {
      if (!decoder.destroyed) decoder.end()
      await ended
      return reader.end()
    },
    delivered: () => reader.delivered(),
    responseId: () => reader.responseId(),
  }
}

function decoderOf(encoding: string | undefined): BrotliDecompress | Gunzip | Inflate | null {
  switch (encoding?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      return null
  }
}
