import {
  type AccountState,
  type AgentState,
  type Books,
  type CallsRead,
  type CounterState,
  isCallIn,
  type JournalEntry,
  type LedgerStore,
  type RecordEvent,
  type TimeRange,
} from '../../ledger/index.ts'
import { appendAudits } from './audit-store.ts'
import type { Ask, Pool } from './connect/pool.ts'
import type { Reads } from './connect/reads.ts'
import { AGENTS, BREAKER_ROWS, BREAKERS } from './rows/breaker-kinds.ts'
import { columnValues } from './rows/row-kind.ts'
import { ACCOUNTS, COUNTERS, HOLDS, nameIn, RUNS, SESSIONS } from './rows/row-kinds.ts'
import { RowTable } from './rows/row-table.ts'
import { BUDGETS, RulesTable } from './rows/rules-table.ts'
import { storedText } from './rows/stored-text.ts'
import { ENTRY_COLUMNS, entryOf, SELECT_ENTRIES } from './transaction/load.ts'
import { type LedgerNode, transact } from './transaction/transact.ts'
import { SPAN_ENTRIES } from './transaction/write.ts'

export interface LedgerParts {
  readonly commits: Pool
  readonly books: Pool
  readonly reads: Reads
  readonly close: () => Promise<void>
}

/** The ledger on PostgreSQL, for any number of nodes: whatever they keep in memory is checked against the database under its lock. */
export function postgresLedgerStore({ commits, books, reads, close }: LedgerParts): LedgerStore {
  const [runs, sessions, accounts] = [new RowTable(RUNS), new RowTable(SESSIONS), new RowTable(ACCOUNTS)]
  const [counters, holds, budgets] = [new RowTable(COUNTERS), new RowTable(HOLDS), new RulesTable(BUDGETS)]
  const [breakerRows, agents, breakers] = [new RowTable(BREAKER_ROWS), new RowTable(AGENTS), new RulesTable(BREAKERS)]
  const node: LedgerNode = {
    commits,
    books,
    // Rules last: the counters of one that is removed go after those that were changed before.
    tables: { all: [runs, sessions, accounts, counters, holds, breakerRows, agents, budgets, breakers], holds, breakerRows },
    organizations: new Set(),
    appendAudits: async (ask, drafts) => {
      await appendAudits(ask, drafts)
    },
    version: null,
    alone: false,
  }
  const oneAfterTheOther = inTurn()
  const byId = (id: string) => ({ and: 'id = $1::text', order: 'ORDER BY organization', values: [storedText(id)] })
  return {
    transact: (rows, decide) => oneAfterTheOther(() => transact(node, rows, decide)),
    head: () => headOf(books.ask),
    read: async (afterSeq, limit) => (await readJournal(books.ask, afterSeq, limit)).map(entryOf),
    readCalls: (range, afterSeq) => readCalls(books.ask, range, afterSeq),
    findCall: (organization, id) => findPosted(books, reads, organization, 'call', id),
    findEntry: (organization, kind, id) => findPosted(books, reads, organization, kind, id),
    findAdjustments: async (organization, callId) => {
      const values = [storedText(callId)]
      return (await reads(organization, SELECT_ENTRIES, { and: 'adjusts = $1::text', order: 'ORDER BY seq', values })).map(entryOf)
    },
    findRuns: async (organization, id) => runs.statesOf(await reads(organization, runs.select, byId(id))),
    findSessions: async (organization, id) => sessions.statesOf(await reads(organization, sessions.select, byId(id))),
    accounts: async (organization) => accounts.statesOf(await reads(organization, accounts.select, IN_ORDER.accounts)),
    account: async (organization, account) => {
      const rows = await reads(organization, accounts.select, { and: 'account = $1::text', values: [storedText(account)] })
      return accounts.statesOf(rows)[0] ?? null
    },
    walletEntries: async (organization, agent, range, afterSeq, limit) => {
      const values = [storedText(agent), String(afterSeq), bounded(range.from), bounded(range.to), String(limit)]
      return (await reads(organization, SELECT_WALLET_ENTRIES, { and: OF_WALLET, order: 'ORDER BY seq LIMIT $5::bigint', values })).map(
        entryOf,
      )
    },
    organizations: async () =>
      (await books.ask('SELECT organization FROM organizations ORDER BY organization')).map((row) => nameIn(row, 'organization')),
    budgets: async (organization) => budgets.statesOf(await reads(organization, budgets.select)),
    counters: async (organization) => counters.statesOf(await reads(organization, counters.select, IN_ORDER.counters)),
    counter: async (key) => {
      const and = 'organization = $1::text AND budget = $2::text AND value = $3::text AND start = ANY ($4::bigint[])'
      const [organization, budget, value] = [key.organization, key.budget, key.value].map(storedText)
      const [, , , start = ''] = columnValues(COUNTERS.key, [key])
      const rows = await reads(key.organization, counters.select, {
        and,
        values: [organization ?? '', budget ?? '', value ?? '', start],
      })
      return counters.statesOf(rows)[0] ?? null
    },
    holds: async (organization) => holds.statesOf(await reads(organization, holds.select, { order: 'ORDER BY organization, id' })),
    findHolds: async (organization, id) => holds.statesOf(await reads(organization, holds.select, byId(id))),
    holdsDue: async (now, limit) => {
      const due = { and: 'deadline <= $1::bigint', order: 'ORDER BY deadline LIMIT $2::bigint', values: [String(now), String(limit)] }
      return holds.statesOf(await reads(null, holds.select, due))
    },
    breakers: async (organization) => breakers.statesOf(await reads(organization, breakers.select)),
    breakerRows: async (organization) => breakerRows.statesOf(await reads(organization, breakerRows.select, IN_ORDER.breakerRows)),
    breakersToSweep: async (now) => {
      const due = await books.ask('SELECT DISTINCT organization FROM breaker_rows WHERE expires_at <= $1::bigint', [String(now)])
      return due.map((row) => nameIn(row, 'organization'))
    },
    agentStates: async (organization) => agents.statesOf(await reads(organization, agents.select, IN_ORDER.agents)),
    books: () =>
      books.transaction(async (ask): Promise<Books> => {
        await ask('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
        const [head, allAccounts, allCounters, allAgents] = await Promise.all([
          headOf(ask),
          ask(`${accounts.select} ${IN_ORDER.accounts.order}`).then((rows): AccountState[] => accounts.statesOf(rows)),
          ask(`${counters.select} ${IN_ORDER.counters.order}`).then((rows): CounterState[] => counters.statesOf(rows)),
          ask(`${agents.select} ${IN_ORDER.agents.order}`).then((rows): AgentState[] => agents.statesOf(rows)),
        ])
        return { head, accounts: allAccounts, counters: allCounters, agents: allAgents }
      }),
    close,
  }
}

const IN_ORDER = {
  accounts: { order: 'ORDER BY organization, account' },
  counters: { order: 'ORDER BY organization, budget, value, start' },
  breakerRows: { order: 'ORDER BY organization, breaker, value, part' },
  agents: { order: 'ORDER BY organization, agent' },
}

/** The entries of a wallet as one table, so that they are asked for like any other rows. Entries are found by their seq, and are of the same organization. */
const SELECT_WALLET_ENTRIES = `SELECT * FROM (
    SELECT ${ENTRY_COLUMNS}, wallet_entries.agent, wallet_entries.at
    FROM wallet_entries JOIN journal ON journal.seq = wallet_entries.seq AND journal.organization = wallet_entries.organization
  ) AS entries`
const OF_WALLET = 'agent = $1::text AND seq > $2::bigint AND at >= $3::bigint AND at < $4::bigint'

/** The transactions of one node wait for each other here, and not with a connection each at the head. */
function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}

export async function headOf(ask: Ask): Promise<number> {
  const [row] = await ask('SELECT seq FROM ledger_head')
  return Number(row?.seq ?? 0)
}

/** What is visible of the journal has no gaps: entries are committed in the order of their seqs, under the lock of the head. */
export function readJournal(ask: Ask, afterSeq: number, limit: number): ReturnType<Ask> {
  return ask(`${SELECT_ENTRIES} WHERE seq > $1::bigint AND seq <= $2::bigint ORDER BY seq`, [String(afterSeq), String(afterSeq + limit)])
}

/** Without an organization each of them is looked in: the index on entries begins with it. */
async function findPosted(
  books: Pool,
  reads: Reads,
  organization: string | null,
  kind: RecordEvent['kind'],
  id: string,
): Promise<JournalEntry | null> {
  const values = [kind, storedText(id)]
  const [row] =
    organization === null
      ? await books.ask(`${FIND_ANYWHERE} ORDER BY journal.seq LIMIT 1`, values)
      : await reads(organization, SELECT_ENTRIES, { and: 'kind = $1::text AND id = $2::text', values })
  return row === undefined ? null : entryOf(row)
}

const FIND_ANYWHERE = `SELECT ${ENTRY_COLUMNS} FROM organizations CROSS JOIN LATERAL (
  SELECT * FROM journal AS entry WHERE entry.organization = organizations.organization AND entry.kind = $1::text AND entry.id = $2::text
) AS journal`

async function readCalls(ask: Ask, range: TimeRange, afterSeq: number): Promise<CallsRead> {
  const [next] = await ask(NEXT_SPAN, [String(Math.floor(afterSeq / SPAN_ENTRIES)), bounded(range.from), bounded(range.to)])
  const head = Number(next?.seq ?? 0)
  const span = next?.span ?? null
  if (span === null) return { entries: [], adjustments: [], throughSeq: head }
  const from = Number(span) * SPAN_ENTRIES
  const throughSeq = Math.min(from + SPAN_ENTRIES, head)
  const between = [String(Math.max(afterSeq, from)), String(throughSeq)]
  const [calls, adjustments] = await Promise.all([
    ask(`${SELECT_ENTRIES} WHERE seq > $1::bigint AND seq <= $2::bigint AND kind = 'call' ORDER BY seq`, between),
    ask(ADJUSTMENTS_BETWEEN, between),
  ])
  const entries = calls.map(entryOf)
  return {
    entries: entries.filter((entry) => isCallIn(range, entry)),
    adjustments: adjustments.map((row) => ({ callSeq: Number(row.call_seq), entry: entryOf(row) })),
    throughSeq,
  }
}

/** With the head as it stands at the same moment. */
const NEXT_SPAN = `SELECT seq, (
    SELECT span FROM journal_spans WHERE span >= $1::bigint AND latest >= $2::bigint AND earliest < $3::bigint ORDER BY span LIMIT 1
  ) AS span FROM ledger_head`
const ADJUSTMENTS_BETWEEN = `SELECT call.seq AS call_seq, ${ENTRY_COLUMNS} FROM journal AS call
  JOIN journal ON journal.organization = call.organization AND journal.adjusts = call.id
  WHERE call.seq > $1::bigint AND call.seq <= $2::bigint AND call.kind = 'call' AND journal.adjusts IS NOT NULL
  ORDER BY call.seq, journal.seq`

/** A time without bound as the widest that a number of ours can be. */
function bounded(at: number): string {
  return String(Math.min(Math.max(at, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER))
}
