import type { KeyRecord, KeyStore } from '../../ledger/index.ts'
import { appendAudits } from './audit-store.ts'
import type { Pool, Row } from './connect/pool.ts'
import type { Reads } from './connect/reads.ts'
import { nameIn, textIn } from './rows/row-kinds.ts'
import { numberArray, storedOrganization, storedText, textArray } from './rows/stored-text.ts'

/** Keys on PostgreSQL. Keys and the entries that say who changed them are written in one transaction, which also tells other nodes of them. */
export function postgresKeyStore(books: Pool, reads: Reads): KeyStore {
  return {
    putKeys: async (changes) => {
      if (changes.length === 0) return
      const keys = changes.map(({ key }) => key)
      await books.transaction(async (ask) => {
        const audits = changes.map(({ audit }) => audit)
        await appendAudits(ask, audits, 'keys')
        await ask(PUT, valuesOf(keys))
      })
    },
    keyBySha256: async (sha256) => keyOf(await books.ask(`${SELECT} WHERE sha256 = $1::text`, [sha256])),
    key: async (id) => keyOf(await books.ask(`${SELECT} WHERE id = $1::text`, [storedText(id)])),
    noteUses: async (uses) => {
      if (uses.length === 0) return
      await books.ask(NOTE_USES, [textArray(uses.map(({ id }) => storedText(id))), numberArray(uses.map(({ at }) => at))])
    },
    lastUses: async (organization) => {
      const rows = await reads(organization, 'SELECT id, last_used_at FROM keys', { and: 'last_used_at IS NOT NULL' })
      return new Map(rows.map((row) => [nameIn(row, 'id'), Number(row.last_used_at)]))
    },
    keys: async (organization) => (await reads(organization, SELECT, { order: 'ORDER BY created_at, id' })).map(recordOf),
  }
}

const NOTE_USES = `UPDATE keys SET last_used_at = greatest(last_used_at, used.at)
  FROM (SELECT id, max(at) AS at FROM unnest($1::text[], $2::bigint[]) AS noted (id, at) GROUP BY id ORDER BY id) AS used WHERE keys.id = used.id`
const SELECT = 'SELECT body FROM keys'
const PUT = `INSERT INTO keys (organization, id, sha256, created_at, body)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
  ON CONFLICT (organization, id) DO UPDATE SET sha256 = excluded.sha256, body = excluded.body`

function valuesOf(keys: readonly KeyRecord[]): string[] {
  return [
    textArray(keys.map(({ organization }) => storedOrganization(organization))),
    textArray(keys.map(({ id }) => storedText(id))),
    textArray(keys.map(({ sha256 }) => sha256)),
    numberArray(keys.map(({ createdAt }) => createdAt)),
    textArray(keys.map((key) => JSON.stringify(key))),
  ]
}

function keyOf([row]: readonly Row[]): KeyRecord | null {
  return row === undefined ? null : recordOf(row)
}

function recordOf(row: Row): KeyRecord {
  return JSON.parse(textIn(row, 'body')) as KeyRecord
}
