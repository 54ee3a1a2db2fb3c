import type { Database } from 'better-sqlite3'
import type { AuditDraft, AuditEntry, DocumentChange, DocumentStore, DocumentsAsked, StoredDocument } from '../../../ledger/index.ts'

/** Documents on SQLite. They and the entries that say who changed them are written in one transaction. A removed one is kept without its body. */
export function sqliteDocumentStore(database: Database, appendAudit: (entry: AuditDraft) => AuditEntry): DocumentStore {
  const one = database.prepare<[string, string, string], StoredDocument>(`${SELECT} WHERE organization = ? AND kind = ? AND id = ?`)
  const versionOf = database
    .prepare<[string, string, string], number>('SELECT version FROM documents WHERE organization = ? AND kind = ? AND id = ?')
    .pluck()
  const put = database.prepare<[string, string, string, number, number, string | null]>(
    'INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)',
  )
  const putAll = database.transaction((changes: readonly DocumentChange[], audits: readonly AuditDraft[]): boolean => {
    const versions = changes.map(({ organization, kind, id }) => versionOf.get(organization, kind, id) ?? 0)
    if (changes.some(({ basedOn }, index) => basedOn !== null && basedOn !== versions[index])) return false
    for (const [index, { organization, kind, id, at, body }] of changes.entries()) {
      put.run(organization, kind, id, at, (versions[index] ?? 0) + 1, body)
    }
    for (const audit of audits) appendAudit(audit)
    return true
  })
  return {
    putDocuments: async (changes, audits) => putAll.immediate(changes, audits),
    document: async ({ organization, kind, id }) => {
      const found = one.get(organization, kind, id)
      return found === undefined || found.body === null ? null : found
    },
    versionOf: async ({ organization, kind, id }) => versionOf.get(organization, kind, id) ?? 0,
    documents: async (organization, asked) => {
      const { from, to, limit } = within(asked)
      const order = asked.descending === true ? 'DESC' : 'ASC'
      const own = organization === null ? '' : ' AND organization = ?'
      const text = `${SELECT} WHERE kind = ? AND at >= ? AND at < ? AND body IS NOT NULL${own} ORDER BY at ${order}, id ${order} LIMIT ?`
      const values = [asked.kind, from, to, ...(organization === null ? [] : [organization]), limit]
      return database.prepare<(string | number)[], StoredDocument>(text).all(...values)
    },
  }
}

const SELECT = 'SELECT organization, kind, id, at, version, body FROM documents'

function within({ from, to, limit }: DocumentsAsked): { readonly from: number; readonly to: number; readonly limit: number } {
  return { from: from ?? -Number.MAX_SAFE_INTEGER, to: to ?? Number.MAX_SAFE_INTEGER, limit: limit ?? -1 }
}
