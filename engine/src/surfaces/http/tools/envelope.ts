import { TOOL_PATHS } from '@purser/contract'
import type { FastifyInstance } from 'fastify'
import { ANONYMOUS, type Services, useEnvelope } from '../../../operations/index.ts'
import { textOfKey } from '../input.ts'
import { sendProblem } from '../problem.ts'
import { agentHeaderOf, headerOf } from './headers.ts'

const JSON_TYPE = 'application/json; charset=utf-8'

/** The envelope `{tool, input}` at its paths. The answer is the tool's own; a refusal is a problem document, 402 where a budget refuses. */
export function addToolEnvelope(app: FastifyInstance, services: Services): void {
  for (const path of TOOL_PATHS) {
    app.post(path, async (request, reply) => {
      const idempotencyKey = headerOf(request, 'idempotency-key')
      const asker = { agentHeader: agentHeaderOf(request), idempotencyKey: idempotencyKey === null ? null : textOfKey(idempotencyKey) }
      const result = await useEnvelope({ services, caller: request.caller ?? ANONYMOUS }, asker, request.body)
      if (!result.ok) return sendProblem(reply, result.error)
      if ((result.value as { replayed?: unknown }).replayed === true) reply.header('idempotent-replayed', 'true')
      return reply.header('content-type', JSON_TYPE).send(JSON.stringify(result.value))
    })
  }
}
