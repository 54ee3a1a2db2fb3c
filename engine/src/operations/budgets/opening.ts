import { ALL_TIME, type Millis, picos } from '../../kernel/index.ts'
import {
  type BudgetRule,
  type CallScope,
  type CounterState,
  counterKey,
  type JournalEntry,
  type LedgerStore,
  matchesOf,
} from '../../ledger/index.ts'
import { type RunsAbove, runChains } from './run-chains.ts'

/** What a new budget finds spent: its counters, computed from the journal up to an entry. */
export interface Opening {
  readonly counters: CounterState[]
  readonly throughSeq: number
}

/**
 * Adds up every call since the budget's first period began, corrections included, as the ledger would have counted it. Reads only the stretches
 * of the journal that have calls of that time, lets other work go on between them, and then follows what was posted meanwhile, until little is
 * left for the ledger to add in the transaction that sets the budget.
 */
export async function openingOf(ledger: LedgerStore, rule: BudgetRule): Promise<Opening> {
  const sums: Sums = { rule, counters: new Map(), runs: runChains(ledger, rule.organization) }
  let through = await ledger.head()
  await addStretches(ledger, sums, through)
  for (let round = 0; round < FOLLOW_ROUNDS; round++) {
    const head = await ledger.head()
    if (head - through <= FOLLOWED_ENTRIES) break
    await follow(ledger, sums, through, head)
    through = head
  }
  return { counters: [...sums.counters.values()], throughSeq: through }
}

/** Each round takes as long as what was posted during the one before it. */
const FOLLOW_ROUNDS = 8
/** So many entries are nothing to a transaction. */
const FOLLOWED_ENTRIES = 256
const PIECE_ENTRIES = 1_000

interface Sums {
  readonly rule: BudgetRule
  readonly counters: Map<string, CounterState>
  readonly runs: RunsAbove
}

async function addStretches(ledger: LedgerStore, sums: Sums, head: number): Promise<void> {
  const { rule } = sums
  const range = { from: rule.countsFrom, to: ALL_TIME.end }
  for (let after = 0; after < head; ) {
    const { entries, adjustments, throughSeq } = await ledger.readCalls(range, after)
    const corrections = new Map<number, bigint>()
    for (const { callSeq, entry } of adjustments) {
      if (entry.seq <= head) corrections.set(callSeq, (corrections.get(callSeq) ?? 0n) + deltaOf(entry))
    }
    for (const entry of entries) {
      if (entry.seq > head || entry.organization !== rule.organization) continue
      const runs = runsOf(sums, entry)
      count(sums, entry, runs instanceof Promise ? await runs : runs, amountOf(entry) + (corrections.get(entry.seq) ?? 0n))
    }
    after = throughSeq
    await othersGoOn()
  }
}

/** Every entry after one and up to another: calls, and corrections of calls wherever they are. */
async function follow(ledger: LedgerStore, sums: Sums, from: number, to: number): Promise<void> {
  const { organization } = sums.rule
  for (let after = from; after < to; ) {
    const entries = await ledger.read(after, Math.min(PIECE_ENTRIES, to - after))
    for (const entry of entries) {
      if (entry.organization !== organization) continue
      if (entry.event.kind === 'call') count(sums, entry, await runsOf(sums, entry), amountOf(entry))
      if (entry.event.kind !== 'adjustment') continue
      const called = await ledger.findCall(organization, entry.event.adjustment.call)
      if (called !== null) count(sums, called, await runsOf(sums, called), deltaOf(entry))
    }
    after = entries.at(-1)?.seq ?? to
    await othersGoOn()
  }
}

/** A store may answer without ever giving way; commits and requests come between two pieces. */
function othersGoOn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Adds an amount of a call wherever the call counts. */
function count({ rule, counters }: Sums, { organization, event, settled }: JournalEntry, runs: readonly string[], amount: bigint): void {
  if (event.kind !== 'call') return
  const { call } = event
  const at: Millis = settled?.at ?? call.at
  if (amount === 0n || at < rule.countsFrom) return
  const { usage, key } = call
  const scope: CallScope = { ...call, organization, runs, model: usage.modelRequested, seller: usage.seller, key }
  for (const { counter } of matchesOf([rule], scope, at)) {
    const text = counterKey(counter)
    const before = counters.get(text)?.spent ?? 0n
    counters.set(text, { ...counter, spent: picos(before + amount), held: picos(0n), toldTo: picos(0n), exhaustedSeq: 0 })
  }
}

/** The runs of a call, where the budget asks for them. */
function runsOf({ rule, runs }: Sums, { seq, event }: JournalEntry): readonly string[] | Promise<readonly string[]> {
  return rule.dimension === 'run' && event.kind === 'call' ? runs(event.call.run, seq) : NO_RUNS
}

const NO_RUNS: readonly string[] = []

function amountOf({ event }: JournalEntry): bigint {
  return event.kind === 'call' ? (event.call.charge.amount ?? 0n) : 0n
}

function deltaOf({ event }: JournalEntry): bigint {
  return event.kind === 'adjustment' ? event.adjustment.delta : 0n
}
