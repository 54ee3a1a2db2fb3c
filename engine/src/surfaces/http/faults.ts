import type { FastifyError, FastifyReply } from 'fastify'
import { LIMITS, type Refusal, refusal } from '../../kernel/index.ts'
import { RefusalError, sendProblem } from './problem.ts'

/** Answers whatever was thrown. The outside learns what the caller did wrong, and of faults of ours only the request's id. */
export function answerFault(error: unknown, reply: FastifyReply, onFault: (error: unknown, requestId: string) => void): FastifyReply {
  if (error instanceof RefusalError) return sendProblem(reply, error.refusal)
  const known = refusalOf(error as Partial<FastifyError>)
  if (known !== null) return sendProblem(reply, known)
  onFault(error, reply.request.id)
  return sendProblem(reply, refusal('internal', 'something went wrong on our side; the request id finds it in the log'))
}

/** What Fastify itself refuses. */
function refusalOf(error: Partial<FastifyError>): Refusal | null {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refusal('too_large', `a body has at most ${LIMITS.bodyBytesMax} bytes`, { facts: { limit_bytes: LIMITS.bodyBytesMax } })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refusal('unsupported_media_type', 'a body is sent with Content-Type: application/json')
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return refusal('invalid_json', 'the body is not as long as its Content-Length says')
    case 'FST_ERR_BAD_URL':
      return refusal('invalid_field', 'the path has a broken percent-encoding')
    default:
      return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
        ? refusal('invalid_field', 'the request cannot be read')
        : null
  }
}
