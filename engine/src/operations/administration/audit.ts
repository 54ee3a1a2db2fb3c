import { type AuditAnswer, listAudit } from '@purser/contract'
import { formatInstant, ok, type Result } from '../../kernel/index.ts'
import { readScope } from '../authority/scope.ts'
import { implement } from '../operation.ts'

const ENTRIES = 100

/** Who changed which rule about money, oldest first. */
export const listAuditOperation = implement(listAudit, async ({ services, caller }, input): Promise<Result<AuditAnswer>> => {
  const scope = readScope(caller, input.organization_id)
  if (!scope.ok) return scope
  const organization = 'organization' in scope.value ? scope.value.organization : null
  const limit = input.limit ?? ENTRIES
  const trail = await services.audits.auditTrail(organization, input.after ?? 0, limit + 1)
  const entries = trail.slice(0, limit)
  return ok({
    entries: entries.map((entry) => ({
      seq: entry.seq,
      at: formatInstant(entry.at),
      organization_id: entry.organization,
      actor: entry.actor,
      action: entry.action,
      target: entry.target,
      before: parsed(entry.before),
      after: parsed(entry.after),
      previous_hash: entry.previousHash,
      hash: entry.hash,
    })),
    next_after: trail.length > limit ? (entries.at(-1)?.seq ?? null) : null,
  })
})

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text)
}
