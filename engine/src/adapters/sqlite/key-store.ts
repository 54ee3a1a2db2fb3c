import type { Database } from 'better-sqlite3'
import type { AuditDraft, AuditEntry, KeyChange, KeyRecord, KeyStore } from '../../ledger/index.ts'

/** Keys on SQLite. Keys and the entries that say who changed them are written in one transaction. */
export function sqliteKeyStore(database: Database, appendAudit: (entry: AuditDraft) => AuditEntry): KeyStore {
  const put = database.prepare<[string, string | null, string, number, string]>(
    `INSERT INTO keys VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET organization = excluded.organization, sha256 = excluded.sha256, body = excluded.body`,
  )
  const bySha256 = database.prepare<[string], string>('SELECT body FROM keys WHERE sha256 = ?').pluck()
  const byId = database.prepare<[string], string>('SELECT body FROM keys WHERE id = ?').pluck()
  const all = database.prepare<[], string>('SELECT body FROM keys ORDER BY created_at, id').pluck()
  const ofOrganization = database.prepare<[string], string>('SELECT body FROM keys WHERE organization = ? ORDER BY created_at, id').pluck()
  const putWithAudit = database.transaction((changes: readonly KeyChange[]) => {
    for (const { key, audit } of changes) {
      put.run(key.id, key.organization, key.sha256, key.createdAt, JSON.stringify(key))
      appendAudit(audit)
    }
  })
  return {
    putKeys: async (changes) => putWithAudit.immediate(changes),
    keyBySha256: async (sha256) => keyOf(bySha256.get(sha256)),
    key: async (id) => keyOf(byId.get(id)),
    keys: async (organization) => {
      const bodies = organization === null ? all.all() : ofOrganization.all(organization)
      return bodies.map((body) => JSON.parse(body) as KeyRecord)
    },
  }
}

function keyOf(body: string | undefined): KeyRecord | null {
  return body === undefined ? null : (JSON.parse(body) as KeyRecord)
}
