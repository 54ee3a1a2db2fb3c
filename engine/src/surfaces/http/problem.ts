import type { FastifyReply } from 'fastify'
import { ERRORS, type Refusal } from '../../kernel/index.ts'
import { withoutSecrets } from '../../ledger/index.ts'

/** A name and no address: problem types are looked up in docs/errors.md by their code. */
const TYPE_BASE = 'urn:purser:problem:'

/** Answers a refusal as an RFC 9457 problem document. Facts of the refusal stand beside the standard members and never replace one; a key that was sent in the wrong place is not sent back. */
export function sendProblem(reply: FastifyReply, refused: Refusal): FastifyReply {
  const { status, title, remedy, retryable } = ERRORS[refused.code]
  reply.request.refusedBy = refused.code
  const body = {
    ...refused.facts,
    type: `${TYPE_BASE}${refused.code.replaceAll('_', '-')}`,
    title,
    status,
    detail: refused.detail,
    code: refused.code,
    ...(refused.path === undefined ? {} : { path: refused.path }),
    remedy,
    retryable,
    request_id: reply.request.id,
  }
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="purser"')
  const seconds = refused.facts?.retry_after_seconds
  if (typeof seconds === 'number') reply.header('retry-after', String(seconds))
  else if (status === 503 || status === 425) reply.header('retry-after', '1')
  return reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(withoutSecrets(JSON.stringify(body)))
}

/** A refusal on its way to the error handler, from where Fastify takes only errors. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError'
  readonly refusal: Refusal

  constructor(refused: Refusal) {
    super(refused.detail)
    this.refusal = refused
  }
}
