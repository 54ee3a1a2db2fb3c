import type { AuditDraft, Decision, LedgerState, RowsNeeded } from '../../../ledger/index.ts'
import { isLostConnection } from '../connect/lost.ts'
import type { Ask, Pool } from '../connect/pool.ts'
import { textIn } from '../rows/row-kinds.ts'
import { loadRows, type Tables } from './load.ts'
import { nothingLoaded } from './loaded-rows.ts'
import { committedAfterAll } from './lost-commit.ts'
import { writeChanges } from './write.ts'

/** What a node knows of the ledger as it left it. */
export interface LedgerNode {
  readonly commits: Pool
  readonly books: Pool
  readonly tables: Tables
  /** Organizations that have rows. They are never taken away, so knowing one is always right. */
  readonly organizations: Set<string>
  readonly appendAudits: (ask: Ask, drafts: readonly AuditDraft[]) => Promise<void>
  /** The version of the ledger that the kept rows are of; null: nothing is kept. */
  version: string | null
  /** Whether the last transaction found what this node had left: then the next one probably will, and asks for less. */
  alone: boolean
}

/**
 * One transaction of the ledger. It locks the head first, so transactions of all nodes come one after the other, in the order of their seqs, and
 * cannot wait for each other in a ring. What this node kept in memory counts only when the locked head says that no other node has been there.
 * Round trips: BEGIN; the lock, with the rows that the commands name; what those name, where that is not known; and all writes with the COMMIT.
 */
export async function transact(node: LedgerNode, rows: RowsNeeded, decide: (state: LedgerState) => Decision): Promise<Decision> {
  const sent: { commit: Committing | null } = { commit: null }
  try {
    return await node.commits.pipelined((ask) => transaction(node, ask, rows, decide, sent))
  } catch (error) {
    forget(node)
    const { commit } = sent
    if (commit === null || !isLostConnection(error)) throw error
    await committedAfterAll(node.books, commit.transactionId, error)
    return commit.decision
  }
}

/** A transaction whose COMMIT is on its way. */
interface Committing {
  readonly transactionId: string
  readonly decision: Decision
}

async function transaction(
  node: LedgerNode,
  ask: Ask,
  rows: RowsNeeded,
  decide: (state: LedgerState) => Decision,
  sent: { commit: Committing | null },
): Promise<Decision> {
  const { rows: loaded, setHead } = nothingLoaded()
  const locking = ask(LOCK_HEAD)
  const first = rows(loaded)
  const firstLoad = first === null ? null : loadRows(loaded, first, ask, node.tables, node.alone)
  // Waited for below; should the lock fail, nobody waits for it.
  firstLoad?.catch(() => undefined)
  const [head] = await locking
  if (head === undefined) throw new Error('the ledger has no head')
  const version = textIn(head, 'version')
  setHead(Number(textIn(head, 'seq')))
  await firstLoad
  if (node.version !== version) {
    const trustedInVain = node.alone && node.version !== null
    forget(node)
    if (trustedInVain && first !== null) {
      for (const table of node.tables.all) table.clear(loaded)
      await loadRows(loaded, onlyTables(first), ask, node.tables, false)
    }
  } else node.alone = true
  for (let touched = first === null ? null : rows(loaded); touched !== null; touched = rows(loaded)) {
    await loadRows(loaded, touched, ask, node.tables, node.version !== null)
  }
  const decision = decide(loaded)
  const { changes } = decision
  const written = changesSomething(changes)
  if (written) {
    const newOrganizations = [...new Set(changes.entries.map(({ organization }) => organization))].filter(
      (organization) => !node.organizations.has(organization),
    )
    if (changes.audits.length > 0) await node.appendAudits(ask, changes.audits)
    const writes = writeChanges(changes, loaded.head, ask, node.tables.all, newOrganizations)
    sent.commit = { transactionId: textIn(head, 'transaction_id'), decision }
    await Promise.all([...writes, ask('COMMIT')])
    for (const organization of newOrganizations) node.organizations.add(organization)
  }
  for (const table of node.tables.all) table.keep(loaded, changes)
  node.version = String(BigInt(version) + (written ? 1n : 0n))
  return decision
}

/** `pg_current_xact_id`: should the connection be lost while committing, the server can be asked what became of it. */
const LOCK_HEAD = 'SELECT seq, version, pg_current_xact_id()::text AS transaction_id FROM ledger_head FOR UPDATE'

function forget(node: LedgerNode): void {
  node.version = null
  node.alone = false
  for (const table of node.tables.all) table.forget()
}

type Touched = NonNullable<ReturnType<RowsNeeded>>

/** What may have come from memory: entries never do. */
function onlyTables(touched: Touched): Touched {
  return { ...touched, ids: [], adjustmentsOf: [], entriesAfter: null }
}

/** Whether there is any row among the lists of changes, and the lists within them. */
function changesSomething(changes: object): boolean {
  return Object.values(changes).some((rows: object) => (Array.isArray(rows) ? rows.length > 0 : changesSomething(rows)))
}
