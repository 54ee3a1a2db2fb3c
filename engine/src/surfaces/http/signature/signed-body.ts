import { Readable } from 'node:stream'
import { fail, LIMITS, ok, type Result, refusal } from '../../../kernel/index.ts'
import { type ContentDigest, wrongBody } from './content-digest.ts'

/**
 * Reads the whole body and gives it back to be read once more, if it is the one that was signed. Done before any parser sees it, and also where
 * there is none to read: an empty body must have been signed as an empty one.
 */
export async function readSigned(payload: Readable, digest: ContentDigest): Promise<Result<Readable>> {
  const chunks: Buffer[] = []
  let length = 0
  // The connection stays open for the answer, also when the rest is not read.
  for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LIMITS.bodyBytesMax) {
      return fail(refusal('too_large', `a body has at most ${LIMITS.bodyBytesMax} bytes`, { facts: { limit_bytes: LIMITS.bodyBytesMax } }))
    }
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  const wrong = wrongBody(digest, body)
  return wrong === null
    ? ok(Object.assign(Readable.from(body.length === 0 ? [] : [body]), { receivedEncodedLength: body.length }))
    : fail(wrong)
}
