import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { refusal } from '../../kernel/index.ts'
import { secretsIn } from '../../ledger/index.ts'
import type { Keyring } from '../../operations/index.ts'
import { RefusalError } from './problem.ts'

/**
 * Reads JSON bodies and nothing else. No body is no input. Depth is checked where a schema leaves it open: `JSON.parse` itself does
 * not recurse, so deep nesting costs nothing until somebody walks it. A body with the secret of a key in it is refused: it would be kept in
 * the books for good.
 */
export function takeJson(app: FastifyInstance, keyring: Keyring): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) return done(null, undefined)
    // Decoded all the same, two names that differ in such bytes would become one.
    if (!isUtf8(body)) return done(new RefusalError(refusal('invalid_json', 'the body is not text in UTF-8')))
    const text = body.toString('utf8')
    if (holdsSecret(text, keyring)) return done(new RefusalError(MISPLACED_SECRET))
    try {
      done(null, JSON.parse(text))
    } catch (error) {
      done(new RefusalError(refusal('invalid_json', error instanceof Error ? error.message : 'the body is not JSON')))
    }
  })
}

/** Whether the secret of a key stands where what is sent is kept. */
export function holdsSecret(text: string, keyring: Keyring): boolean {
  return secretsIn(text).some((secret) => keyring.isSecret(secret))
}

export const MISPLACED_SECRET = refusal(
  'invalid_field',
  'the secret of a key is in the address, the body or Idempotency-Key, where it may be kept: send it as Authorization: Bearer, and rotate this one',
)
