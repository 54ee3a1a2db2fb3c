import type { Attribution, Command, RecordEvent, Settled, Transfer } from '../../src/ledger/index.ts'
import type { AgentRow, Breaker, Trip } from './breaker-books.ts'
import type { Budget, Crossing, Line, LiveHold } from './budget-books.ts'

/** Who and what an event belongs to, with what it inherited; a call may have its run from its hold. */
export interface Filled extends Attribution {
  readonly run?: string | null
}

/** One posting, as the auditor would have made it. */
export interface Posting {
  readonly seq: number
  readonly command: Command
  /** The event as the journal must have it, where that is more than what was said and what was inherited. */
  readonly event: RecordEvent | null
  /** Null for events that belong to nobody. */
  readonly filled: Filled | null
  readonly transfers: readonly Transfer[]
  /** A run or session that was named before it started, or a call that names the workflow of a run which had been mentioned without. */
  readonly late: boolean
  readonly settled: Settled | null
  /** Names of the counters that a correction was counted in. */
  readonly counted: readonly string[]
  /** Thresholds that must be told with it. */
  readonly crossed: readonly Crossing[]
  /** Breakers that it must have opened. */
  readonly tripped: readonly Trip[]
  /** The agent whose wallet pays the call; null: nobody's does. */
  readonly wallet: string | null
}

export interface Owner {
  /** What it said itself; null until it starts. */
  said: Attribution | null
  /** The workflow of a run that has not started: what the first of its calls to say one said. */
  called: string | null
  parentRun: string | null
  startedAt: number | null
  /** Of a run: the entry from which it is known what it hangs from. */
  startedSeq: number | null
  endedAt: number | null
  success: boolean | null
  errorCode: string | null
}

/** The auditor's own books: every posting in a list, everything else found by a plain name. Written to be obviously right. */
export interface Books {
  readonly postings: Posting[]
  readonly byId: Map<string, Posting>
  readonly runs: Map<string, Owner>
  readonly sessions: Map<string, Owner>
  /** What each call has cost so far, and what its charge said last. */
  readonly calls: Map<string, { cost: bigint; status: string; readonly posting: Posting }>
  readonly accounts: Map<string, { debits: bigint; credits: bigint }>
  /** What was spent, line by line, by organization. */
  readonly lines: Map<string, Line[]>
  /** The budgets that there are, by organization. */
  readonly budgets: Map<string, Budget[]>
  /** What holds, and what has expired and was not settled. */
  readonly holds: Map<string, LiveHold>
  /** The breakers that there are, by organization. */
  readonly breakers: Map<string, readonly Breaker[]>
  readonly agents: Map<string, AgentRow>
  /** Agents that have a wallet. */
  readonly wallets: Set<string>
}

export function emptyBooks(): Books {
  return {
    postings: [],
    byId: new Map(),
    runs: new Map(),
    sessions: new Map(),
    calls: new Map(),
    accounts: new Map(),
    lines: new Map(),
    budgets: new Map(),
    holds: new Map(),
    breakers: new Map(),
    agents: new Map(),
    wallets: new Set(),
  }
}

/** A name of its own for any list of texts. */
export function nameOf(...parts: readonly (string | number | null)[]): string {
  return JSON.stringify(parts)
}

/** The run or session of this name, made on first mention; `known` says whether it had been mentioned. */
export function mention(owners: Map<string, Owner>, organization: string, id: string): { readonly owner: Owner; readonly known: boolean } {
  const name = nameOf(organization, id)
  const found = owners.get(name)
  if (found !== undefined) return { owner: found, known: true }
  const owner: Owner = {
    said: null,
    called: null,
    parentRun: null,
    startedAt: null,
    startedSeq: null,
    endedAt: null,
    success: null,
    errorCode: null,
  }
  owners.set(name, owner)
  return { owner, known: false }
}

/** Moves money between two accounts. */
export function move({ accounts }: Books, organization: string, { debit, credit, amount }: Transfer): void {
  const account = (name: string): { debits: bigint; credits: bigint } => {
    const key = nameOf(organization, name)
    const found = accounts.get(key) ?? { debits: 0n, credits: 0n }
    accounts.set(key, found)
    return found
  }
  account(debit).debits += amount
  account(credit).credits += amount
}
