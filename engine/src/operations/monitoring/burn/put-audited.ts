import { fail, type Millis, ok, type Result, refusal } from '../../../kernel/index.ts'
import type { DocumentKey } from '../../../ledger/index.ts'
import type { Context } from '../../context.ts'

const TRIES = 5

/**
 * Keeps a document in place of the one before, or removes it, with an entry in the audit that says both. True where anything has changed. Two who change
 * it at once are put one after the other, so that the trail has no gap.
 */
export async function putAudited(
  { services, caller }: Context,
  key: DocumentKey,
  change: { readonly at: Millis; readonly body: string | null; readonly action: string },
): Promise<Result<boolean>> {
  const { documents } = services
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const before = await documents.document(key)
    if (before === null && change.body === null) return ok(false)
    const basedOn = before?.version ?? (await documents.versionOf(key))
    const audit = {
      at: change.at,
      organization: key.organization,
      actor: caller.actor,
      action: change.action,
      target: key.id,
      before: before?.body ?? null,
      after: change.body,
    }
    if (await documents.putDocuments([{ ...key, at: change.at, body: change.body, basedOn }], [audit])) return ok(true)
  }
  return fail(refusal('overloaded', 'too many change it at once'))
}
