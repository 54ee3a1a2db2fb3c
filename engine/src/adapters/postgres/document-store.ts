import type { DocumentChange, DocumentStore, StoredDocument } from '../../ledger/index.ts'
import { appendAudits, LOCK_TRAIL } from './audit-store.ts'
import type { Ask, Pool, Row } from './connect/pool.ts'
import type { Reads } from './connect/reads.ts'
import { nameIn, textIn } from './rows/row-kinds.ts'
import { organizationOfStored, storedText } from './rows/stored-text.ts'

/** Documents on PostgreSQL. They and the entries that say who changed them are written in one transaction. A removed one is kept without its body. */
export function postgresDocumentStore(books: Pool, reads: Reads): DocumentStore {
  return {
    putDocuments: async (changes, audits) => {
      try {
        await books.transaction(async (ask) => {
          // Whoever writes documents holds the end of the trail, so that two cannot wait for each other in a ring.
          await (audits.length > 0 ? appendAudits(ask, audits) : ask(LOCK_TRAIL))
          for (const change of changes) await put(ask, change)
          await ask(MOVE_VERSION)
        })
        return true
      } catch (error) {
        if (error instanceof ChangedMeanwhile) return false
        throw error
      }
    },
    document: async ({ organization, kind, id }) => {
      const [row] = await reads(organization, SELECT, {
        and: 'kind = $1::text AND id = $2::text AND body IS NOT NULL',
        values: [storedText(kind), storedText(id)],
      })
      return row === undefined ? null : documentOf(row)
    },
    versionOf: async ({ organization, kind, id }) => {
      const [row] = await reads(organization, 'SELECT version FROM documents', {
        and: 'kind = $1::text AND id = $2::text',
        values: [storedText(kind), storedText(id)],
      })
      return Number(row?.version ?? 0)
    },
    documents: async (organization, { kind, from, to, limit, descending }) => {
      const order = descending === true ? 'DESC' : 'ASC'
      const rows = await reads(organization, SELECT, {
        and: 'kind = $1::text AND at >= $2::bigint AND at < $3::bigint AND body IS NOT NULL',
        order: `ORDER BY at ${order}, id ${order}${limit === undefined ? '' : ` LIMIT ${Math.trunc(limit)}`}`,
        values: [storedText(kind), String(from ?? -Number.MAX_SAFE_INTEGER), String(to ?? Number.MAX_SAFE_INTEGER)],
      })
      return rows.map(documentOf)
    },
  }
}

const SELECT = 'SELECT organization, kind, id, at, version, body FROM documents'
/** So that other nodes read again what they keep in memory. */
const MOVE_VERSION = 'UPDATE rules SET documents_version = documents_version + 1'
const PUT = `INSERT INTO documents AS kept (organization, kind, id, at, version, body) VALUES ($1::text, $2::text, $3::text, $4::bigint, 1, $5::text)
  ON CONFLICT (organization, kind, id) DO UPDATE SET at = excluded.at, version = kept.version + 1, body = excluded.body`
const ADD = `INSERT INTO documents (organization, kind, id, at, version, body) VALUES ($1::text, $2::text, $3::text, $4::bigint, 1, $5::text)
  ON CONFLICT DO NOTHING RETURNING version`
const CHANGE = `UPDATE documents SET at = $4::bigint, version = version + 1, body = $5::text
  WHERE organization = $1::text AND kind = $2::text AND id = $3::text AND version = $6::bigint RETURNING version`

class ChangedMeanwhile extends Error {}

async function put(ask: Ask, { organization, kind, id, at, body, basedOn }: DocumentChange): Promise<void> {
  const values = [storedText(organization), storedText(kind), storedText(id), String(at), body]
  if (basedOn === null) {
    await ask(PUT, values)
    return
  }
  const written = await (basedOn === 0 ? ask(ADD, values) : ask(CHANGE, [...values, String(basedOn)]))
  if (written.length === 0) throw new ChangedMeanwhile()
}

function documentOf(row: Row): StoredDocument {
  return {
    organization: organizationOfStored(textIn(row, 'organization')) ?? '',
    kind: nameIn(row, 'kind'),
    id: nameIn(row, 'id'),
    at: Number(row.at),
    version: Number(row.version),
    body: textIn(row, 'body'),
  }
}
