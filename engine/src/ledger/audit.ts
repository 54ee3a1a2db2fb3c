import { assert, canonicalJson, sha256Hex } from '../kernel/index.ts'
import type { AuditDraft, AuditEntry } from './audit-records.ts'

/** What the first entry is chained to. */
const AUDIT_GENESIS: string = '0'.repeat(64)

/** The next entry of the trail: its hash covers its content, its place and the hash before, so no entry can be changed, moved or left out unseen. */
export function chainAudit(previous: AuditEntry | null, draft: AuditDraft): AuditEntry {
  const { at, organization, actor, action, target, before, after } = draft
  const linked = {
    seq: (previous?.seq ?? 0) + 1,
    at,
    organization,
    actor,
    action,
    target,
    before,
    after,
    previousHash: previous?.hash ?? AUDIT_GENESIS,
  }
  return { ...linked, hash: hashOf(linked) }
}

/** The state of a check that goes through the trail piece by piece. */
export interface AuditCheck {
  /** Seq and hash of the last entry that was right. */
  readonly seq: number
  readonly hash: string
  /** The first entry that is not what was written, and why; null while all is right. */
  readonly broken: { readonly seq: number; readonly why: 'gap' | 'link' | 'content' } | null
}

export const AUDIT_START: AuditCheck = { seq: 0, hash: AUDIT_GENESIS, broken: null }

/**
 * Checks the next entries of the whole trail (not of one organization: the chain runs through all). Entries cut off at the end are seen
 * only by someone who kept an earlier `AuditCheck`.
 */
export function checkAudit(so: AuditCheck, entries: readonly AuditEntry[]): AuditCheck {
  let check = so
  for (const entry of entries) {
    if (check.broken !== null) return check
    const why = faultOf(check, entry)
    check = why === null ? { seq: entry.seq, hash: entry.hash, broken: null } : { ...check, broken: { seq: check.seq + 1, why } }
  }
  return check
}

function faultOf(check: AuditCheck, { hash, ...linked }: AuditEntry): 'gap' | 'link' | 'content' | null {
  assert(check.broken === null, 'a check stops at the first fault')
  if (linked.seq !== check.seq + 1) return 'gap'
  if (linked.previousHash !== check.hash) return 'link'
  return hashOf(linked) === hash ? null : 'content'
}

function hashOf({ seq, at, organization, actor, action, target, before, after, previousHash }: Omit<AuditEntry, 'hash'>): string {
  return sha256Hex(canonicalJson([seq, at, organization, actor, action, target, before, after, previousHash]))
}
