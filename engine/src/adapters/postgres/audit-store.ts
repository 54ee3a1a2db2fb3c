import { assert } from '../../kernel/index.ts'
import { type AuditDraft, type AuditEntry, type AuditStore, chainAudit } from '../../ledger/index.ts'
import type { Ask, Pool, Row } from './connect/pool.ts'
import type { Reads } from './connect/reads.ts'
import { nameIn, textIn } from './rows/row-kinds.ts'
import { numberArray, organizationOfStored, storedOrganization, storedText, textArray } from './rows/stored-text.ts'

/** The audit trail on PostgreSQL: appended only, each entry chained to the one before, whichever node wrote that. */
export function postgresAuditStore(books: Pool, reads: Reads): AuditStore {
  return {
    audit: (draft) =>
      books.transaction(async (ask) => {
        const [entry] = await appendAudits(ask, [draft])
        assert(entry !== undefined, 'one draft is one entry')
        return entry
      }),
    auditTrail: async (organization, afterSeq, limit) => {
      const rows = await reads(organization, `SELECT ${COLUMNS} FROM audit`, {
        and: `seq > $1::bigint ORDER BY seq LIMIT $2::bigint`,
        values: [String(afterSeq), String(limit)],
      })
      return rows.map(entryOf)
    },
  }
}

/** What else a change of rules makes old in the memory of other nodes. */
export type Changed = 'keys' | 'rates' | null

/** Appends to the trail inside a transaction, which holds the end of the trail until it ends. */
export async function appendAudits(ask: Ask, drafts: readonly AuditDraft[], changed: Changed = null): Promise<AuditEntry[]> {
  const [locked] = await ask(LOCK_TRAIL)
  const last = locked?.audit_seq ?? '0'
  const [row] = last === '0' ? [] : await ask(`SELECT ${COLUMNS} FROM audit WHERE seq = $1::bigint`, [last])
  let previous = row === undefined ? null : entryOf(row)
  const entries: AuditEntry[] = []
  for (const draft of drafts) {
    previous = chainAudit(previous, draft)
    entries.push(previous)
  }
  const { keys, rates } = { keys: changed === 'keys' ? 1 : 0, rates: changed === 'rates' ? 1 : 0 }
  const moved = [previous?.seq ?? Number(last), keys, rates].map(String)
  await Promise.all([ask(INSERT, valuesOf(entries)), ask(MOVE_END, moved)])
  return entries
}

/** The end of the trail, held until the transaction ends. */
export const LOCK_TRAIL = 'SELECT audit_seq FROM rules FOR UPDATE'

const COLUMNS = 'organization, seq, at, actor, action, target, before, after, previous_hash, hash'
const INSERT = `INSERT INTO audit (${COLUMNS})
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])`
const MOVE_END =
  'UPDATE rules SET audit_seq = $1::bigint, keys_version = keys_version + $2::bigint, rates_version = rates_version + $3::bigint'

function valuesOf(entries: readonly AuditEntry[]): string[] {
  const texts = (of: (entry: AuditEntry) => string | null): string => textArray(entries.map(of))
  return [
    texts(({ organization }) => storedOrganization(organization)),
    numberArray(entries.map(({ seq }) => seq)),
    numberArray(entries.map(({ at }) => at)),
    // Null where a caller was not named: the table refuses it.
    texts(({ actor }) => (actor === null ? null : storedText(actor))),
    texts(({ action }) => storedText(action)),
    texts(({ target }) => storedText(target)),
    texts(({ before }) => before),
    texts(({ after }) => after),
    texts(({ previousHash }) => previousHash),
    texts(({ hash }) => hash),
  ]
}

function entryOf(row: Row): AuditEntry {
  return {
    seq: Number(row.seq),
    at: Number(row.at),
    organization: organizationOfStored(textIn(row, 'organization')),
    actor: nameIn(row, 'actor'),
    action: nameIn(row, 'action'),
    target: nameIn(row, 'target'),
    before: row.before ?? null,
    after: row.after ?? null,
    previousHash: textIn(row, 'previous_hash'),
    hash: textIn(row, 'hash'),
  }
}
