import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { refusal } from '../../kernel/index.ts'
import { RefusalError } from './problem.ts'

/**
 * Reads JSON bodies and nothing else. No body is no input. Depth is checked where a schema leaves it open: `JSON.parse` itself does
 * not recurse, so deep nesting costs nothing until somebody walks it.
 */
export function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) return done(null, undefined)
    // Decoded all the same, two names that differ in such bytes would become one.
    if (!isUtf8(body)) return done(new RefusalError(refusal('invalid_json', 'the body is not text in UTF-8')))
    try {
      done(null, JSON.parse(body.toString('utf8')))
    } catch (error) {
      done(new RefusalError(refusal('invalid_json', error instanceof Error ? error.message : 'the body is not JSON')))
    }
  })
}
