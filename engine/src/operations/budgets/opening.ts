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
 * of the journal that have calls of that time. What comes while this reads, the ledger adds when the budget is set.
 */
export async function openingOf(ledger: LedgerStore, rule: BudgetRule): Promise<Opening> {
  const head = await ledger.head()
  const runs = runChains(ledger, rule.organization)
  const counters = new Map<string, CounterState>()
  // A call that was held for counts in the time of its hold, which may lie a day before its own.
  const range = { from: rule.countsFrom - HOLD_MS_MAX, to: ALL_TIME.end }
  for (let after = 0; after < head; ) {
    const { entries, adjustments, throughSeq } = await ledger.readCalls(range, after)
    const corrections = new Map<number, bigint>()
    for (const { callSeq, entry } of adjustments) {
      if (entry.seq <= head) corrections.set(callSeq, (corrections.get(callSeq) ?? 0n) + deltaOf(entry))
    }
    for (const entry of entries) {
      if (entry.seq > head || entry.organization !== rule.organization) continue
      await count(counters, rule, entry, corrections.get(entry.seq) ?? 0n, runs)
    }
    after = throughSeq
  }
  return { counters: [...counters.values()], throughSeq: head }
}

const HOLD_MS_MAX = 7 * 86_400_000

async function count(
  counters: Map<string, CounterState>,
  rule: BudgetRule,
  { organization, seq, event, settled }: JournalEntry,
  correction: bigint,
  runs: RunsAbove,
): Promise<void> {
  if (event.kind !== 'call') return
  const { call } = event
  const at: Millis = settled?.at ?? call.at
  const amount = (call.charge.amount ?? 0n) + correction
  if (amount === 0n || at < rule.countsFrom) return
  const { usage, key } = call
  const scope: CallScope = {
    ...call,
    organization,
    runs: rule.dimension === 'run' ? await runs(call.run, seq) : [],
    model: usage.modelRequested,
    seller: usage.seller,
    key,
  }
  for (const { counter } of matchesOf([rule], scope, at)) {
    const text = counterKey(counter)
    const before = counters.get(text)?.spent ?? 0n
    counters.set(text, { ...counter, spent: picos(before + amount), held: picos(0n), toldTo: picos(0n) })
  }
}

function deltaOf({ event }: JournalEntry): bigint {
  return event.kind === 'adjustment' ? event.adjustment.delta : 0n
}
