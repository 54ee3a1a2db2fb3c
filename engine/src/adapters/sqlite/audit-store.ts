import type { Database } from 'better-sqlite3'
import { type AuditDraft, type AuditEntry, type AuditStore, chainAudit } from '../../ledger/index.ts'

interface AuditRow extends AuditDraft {
  readonly seq: number
  readonly previous_hash: string
  readonly hash: string
}

/** The audit trail on SQLite: appended only, each entry chained to the one before. */
export function sqliteAuditStore(database: Database): AuditStore & { readonly append: (entry: AuditDraft) => AuditEntry } {
  const columns = 'seq, at, organization, actor, action, target, before, after, previous_hash, hash'
  const last = database.prepare<[], AuditRow>(`SELECT ${columns} FROM audit ORDER BY seq DESC LIMIT 1`)
  const insert = database.prepare(`INSERT INTO audit (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const all = database.prepare<[number, number], AuditRow>(`SELECT ${columns} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`)
  const ofOrganization = database.prepare<[string, number, number], AuditRow>(
    `SELECT ${columns} FROM audit WHERE organization = ? AND seq > ? ORDER BY seq LIMIT ?`,
  )
  const append = database.transaction((draft: AuditDraft): AuditEntry => {
    const previous = last.get()
    const entry = chainAudit(previous === undefined ? null : entryOf(previous), draft)
    const { seq, at, organization, actor, action, target, before, after, previousHash, hash } = entry
    insert.run(seq, at, organization, actor, action, target, before, after, previousHash, hash)
    return entry
  })
  return {
    append,
    audit: async (draft) => append(draft),
    auditTrail: async (organization, afterSeq, limit) =>
      (organization === null ? all.all(afterSeq, limit) : ofOrganization.all(organization, afterSeq, limit)).map(entryOf),
  }
}

function entryOf({ previous_hash, ...row }: AuditRow): AuditEntry {
  return { ...row, previousHash: previous_hash }
}
