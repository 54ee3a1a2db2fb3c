import { type CallStore, verify } from '../../src/calls/index.ts'
import {
  counterDifferences,
  emptyBudgetTally,
  idOfEvent,
  type JournalEntry,
  type LedgerStore,
  tallyBudgets,
} from '../../src/ledger/index.ts'
import { type Auditor, compareEntry } from './auditor.ts'
import { type Books, nameOf, type Owner } from './books.ts'
import { compareBreakers } from './compare-breakers.ts'
import { compareBudgets } from './compare-budgets.ts'
import { mustAgree } from './disagreement.ts'

/** Reads everything again from its beginning: the journal, the rows kept beside it, and what `verify` says of them. */
export async function auditLedger({ books, acknowledged }: Auditor, ledger: LedgerStore): Promise<readonly JournalEntry[]> {
  const entries = await readInPieces(ledger)
  mustAgree('number of entries', books.postings.length, entries.length)
  const seqs = new Map<string, number[]>()
  for (const [index, entry] of entries.entries()) {
    mustAgree('seqs without a gap', index + 1, entry.seq)
    const name = nameOf(entry.organization, entry.event.kind, idOfEvent(entry.event))
    seqs.set(name, [...(seqs.get(name) ?? []), entry.seq])
  }
  for (const posting of books.postings) compareEntry(posting, entries[posting.seq - 1])
  for (const [name, seq] of acknowledged) mustAgree(`where acknowledged ${name} is posted, once`, [seq], seqs.get(name) ?? [])
  const organizations = [...new Set(books.postings.map(({ command }) => command.organization))]
  await compareBudgets(books, ledger, organizations)
  await compareBreakers(books, ledger, organizations)
  await auditTallies(ledger, organizations, entries)
  await auditOwners('run', books.runs, (organization, id) => ledger.findRuns(organization, id))
  await auditOwners('session', books.sessions, (organization, id) => ledger.findSessions(organization, id))
  return entries
}

/** The ledger's own count of the journal, and its rows of all organizations at once: as many as of each by itself. */
async function auditTallies(ledger: LedgerStore, organizations: readonly string[], entries: readonly JournalEntry[]): Promise<void> {
  const tallied = emptyBudgetTally()
  for (const entry of entries) tallyBudgets(tallied, entry)
  mustAgree('counters that are not what the journal makes them', [], counterDifferences(tallied, await ledger.counters(null)))
  for (const [what, read] of [
    ['counters', ledger.counters],
    ['budgets', ledger.budgets],
    ['holds', ledger.holds],
    ['breakers', ledger.breakers],
    ['rows of breakers', ledger.breakerRows],
    ['agents', ledger.agentStates],
  ] as const) {
    const each = await Promise.all(organizations.map(async (organization) => (await read(organization)).length))
    mustAgree(
      `${what} of all organizations`,
      each.reduce((sum, count) => sum + count, 0),
      (await read(null)).length,
    )
  }
}

/** The projection's sums, and `verify`'s own opinion, against the books. */
export async function auditProjection(books: Books, ledger: LedgerStore, projection: CallStore): Promise<void> {
  const head = books.postings.length
  const cost = [...books.calls.values()].reduce((sum, call) => sum + call.cost, 0n)
  const calls = books.calls.size
  const journal = { read: (afterSeq: number, limit: number) => ledger.read(afterSeq, limit), head: () => head, close: () => {} }
  const kept = { accounts: await ledger.accounts(null), counters: await ledger.counters(null), agents: await ledger.agentStates(null) }
  // First, because a query waits until the projection has reached the head, and sums do not.
  const rows = await projection.aggregate({ scope: { allOrganizations: true }, groupBy: ['organization', 'seller', 'run'], atLeast: head })
  const verified = await verify(journal, projection, kept)
  const agreed = { amounts: [], accounts: [], counters: [], agents: [], unbalanced: [], amountsTruncated: false, agrees: true }
  mustAgree('verify', { ...agreed, journal: { head, calls, cost }, projectionCalls: calls, projectionCost: cost }, verified)
  const found = rows.map((row) => [nameOf(...row.keys), row.calls, row.cost, row.unpriced] as const)
  mustAgree(
    'sums by organization, seller and run',
    sumsByOwner(books),
    found.sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  await auditWorkflows(books, projection, head)
}

/**
 * A run is an execution of one workflow: the one its start names is that of all its calls, whatever they said and whenever it came, and
 * so is the one that the first of its calls to say one says while it has no start.
 */
async function auditWorkflows(books: Books, projection: CallStore, head: number): Promise<void> {
  const rows = await projection.aggregate({
    scope: { allOrganizations: true },
    groupBy: ['organization', 'run', 'workflow'],
    atLeast: head,
  })
  for (const { keys } of rows) {
    const [organization = null, run = null, workflow = null] = keys
    const owner = books.runs.get(nameOf(organization, run))
    const named = owner?.said === null ? owner.called : (owner?.said?.workflow ?? null)
    if (named !== null) mustAgree(`workflow of the calls of ${organization} ${run}`, named, workflow)
  }
}

function sumsByOwner(books: Books): (readonly [string, number, bigint, number])[] {
  const sums = new Map<string, readonly [string, number, bigint, number]>()
  for (const { cost, status, posting } of books.calls.values()) {
    const { event, organization } = posting.command
    if (event.kind !== 'call') continue
    const key = nameOf(organization, event.call.usage.seller, posting.filled?.run ?? null)
    const [, calls, spent, unpriced] = sums.get(key) ?? [key, 0, 0n, 0]
    sums.set(key, [key, calls + 1, spent + cost, unpriced + (status === 'unpriced' ? 1 : 0)])
  }
  return [...sums.values()].sort(([a], [b]) => (a < b ? -1 : 1))
}

async function readInPieces(ledger: LedgerStore): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  for (;;) {
    const piece = await ledger.read(entries.at(-1)?.seq ?? 0, PIECE)
    if (piece.length === 0) return entries
    entries.push(...piece)
  }
}

const PIECE = 500

type Row = Omit<Owner, 'said' | 'called' | 'parentRun' | 'startedSeq' | 'success' | 'errorCode'> & Partial<Owner>

/** The rows of runs or sessions hold what was said, not what was inherited; that of a run without a start the workflow its calls say. */
async function auditOwners(
  what: string,
  owners: ReadonlyMap<string, Owner>,
  find: (organization: string, id: string) => Promise<readonly Row[]>,
): Promise<void> {
  for (const [name, { said, called, ...facts }] of owners) {
    const [organization = '', id = ''] = JSON.parse(name) as string[]
    const found = await find(organization, id)
    const expected = { organization, id, ...NOTHING_SAID, workflow: called, ...said, ...facts }
    const rows = found.map((row) => ({ parentRun: null, startedSeq: null, success: null, errorCode: null, ...row }))
    mustAgree(`row of ${what} ${name}`, [expected], rows)
  }
}

const NOTHING_SAID = {
  agent: null,
  user: null,
  session: null,
  workflow: null,
  team: null,
  project: null,
  costCenter: null,
  action: null,
  tags: {},
} as const
