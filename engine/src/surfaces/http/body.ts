import type { FastifyInstance } from 'fastify'
import { refusal } from '../../kernel/index.ts'
import { RefusalError } from './problem.ts'

/**
 * Reads JSON bodies and nothing else. No body is no input. Depth is checked where a schema leaves it open: `JSON.parse` itself does
 * not recurse, so deep nesting costs nothing until somebody walks it.
 */
export function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined)
    try {
      done(null, JSON.parse(body))
    } catch (error) {
      done(new RefusalError(refusal('invalid_json', error instanceof Error ? error.message : 'the body is not JSON')))
    }
  })
}
