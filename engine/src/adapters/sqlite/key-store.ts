import type { Database } from 'better-sqlite3'
import type { AuditDraft, AuditEntry, KeyChange, KeyRecord, KeyStore, KeyUse } from '../../ledger/index.ts'

/**
 * Keys on SQLite. Keys and the entries that say who changed them are written in one transaction. One process writes, so there is no
 * `changedAfter`.
 */
export function sqliteKeyStore(database: Database, appendAudit: (entry: AuditDraft) => AuditEntry): KeyStore {
  const put = database.prepare<[string, string | null, string | null, number, string]>(
    `INSERT INTO keys (id, organization, sha256, created_at, body) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET organization = excluded.organization, sha256 = excluded.sha256, body = excluded.body`,
  )
  const bySha256 = database.prepare<[string], string>('SELECT body FROM keys WHERE sha256 = ?').pluck()
  const byId = database.prepare<[string], string>('SELECT body FROM keys WHERE id = ?').pluck()
  const all = database.prepare<[], string>('SELECT body FROM keys ORDER BY created_at, id').pluck()
  const ofOrganization = database.prepare<[string], string>('SELECT body FROM keys WHERE organization = ? ORDER BY created_at, id').pluck()
  const note = database.prepare<KeyUse>('UPDATE keys SET last_used_at = max(coalesce(last_used_at, @at), @at) WHERE id = @id')
  const used = database.prepare<{ organization: string | null }, KeyUse>(
    `SELECT id, last_used_at AS at FROM keys WHERE last_used_at IS NOT NULL AND (@organization IS NULL OR organization = @organization)`,
  )
  const putWithAudit = database.transaction((changes: readonly KeyChange[]) => {
    for (const { key, audit } of changes) {
      put.run(key.id, key.organization, key.sha256, key.createdAt, JSON.stringify(key))
      appendAudit(audit)
    }
  })
  const noteAll = database.transaction((uses: readonly KeyUse[]) => {
    for (const use of uses) note.run(use)
  })
  return {
    putKeys: async (changes) => putWithAudit.immediate(changes),
    keyBySha256: async (sha256) => keyOf(bySha256.get(sha256)),
    key: async (id) => keyOf(byId.get(id)),
    keys: async (organization) => {
      const bodies = organization === null ? all.all() : ofOrganization.all(organization)
      return bodies.map((body) => JSON.parse(body) as KeyRecord)
    },
    noteUses: async (uses) => noteAll.immediate(uses),
    lastUses: async (organization) => new Map(used.all({ organization }).map(({ id, at }) => [id, at])),
  }
}

function keyOf(body: string | undefined): KeyRecord | null {
  return body === undefined ? null : (JSON.parse(body) as KeyRecord)
}
