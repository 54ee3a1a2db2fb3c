import { type Picos, picos, sumPicos, ZERO } from '../kernel/index.ts'
import {
  type AccountDifference,
  type AccountState,
  type AgentDifference,
  type AgentState,
  accountDifferences,
  agentDifferences,
  type CounterDifference,
  type CounterState,
  counterDifferences,
  emptyTally,
  type JournalEntry,
  type JournalSums,
  type JournalTally,
  sumsOf,
  tally,
  unbalanced,
} from '../ledger/index.ts'
import type { CallAmount, JournalSource, SumBucket } from './ports.ts'

/** A row whose amount differs between journal and projection; null: not there at all, `unpriced`: there without an amount. */
export interface AmountDifference {
  readonly seq: number
  readonly organization: string
  readonly callId: string
  readonly journal: Picos | 'unpriced' | null
  readonly projection: Picos | 'unpriced' | null
}

export interface Verification {
  /** True when nothing below differs. */
  readonly agrees: boolean
  readonly journal: JournalSums
  readonly projectionCalls: number
  readonly projectionCost: Picos
  readonly amounts: readonly AmountDifference[]
  /** True when more rows differ than are listed. */
  readonly amountsTruncated: boolean
  readonly accounts: readonly AccountDifference[]
  /** Counters of budgets that are not what the journal makes them. */
  readonly counters: readonly CounterDifference[]
  /** Agents whose state is not what the journal makes it. */
  readonly agents: readonly AgentDifference[]
  /** Organizations whose debits and credits are not equal. */
  readonly unbalanced: readonly { readonly organization: string; readonly difference: Picos }[]
}

/** The projection's side of the comparison; a `CallStore` is one. */
export interface ProjectedSums {
  sumsBySeq(bucketSize: number): Promise<SumBucket[]>
  amounts(fromSeq: number, toSeq: number): Promise<CallAmount[]>
}

/** What the ledger keeps beside the journal. */
export interface KeptBooks {
  readonly accounts: readonly AccountState[]
  readonly counters: readonly CounterState[]
  readonly agents: readonly AgentState[]
}

/** Seqs a bucket, and how many differing rows are listed. */
export interface VerifyLimits {
  readonly bucketSeqs: number
  readonly differencesMax: number
}

const BUCKET_SEQS = 4_096
const DIFFERENCES_MAX = 100

/**
 * Compares journal, accounts and projection to the pico: reads the whole journal once, sums what its transfers moved per bucket of
 * seqs and per account, and lists the rows of the buckets that differ. The journal's side is computed from the transfers, not from
 * the charges that the projection reads, so that a posting that differs from its own charge shows as well.
 */
export async function verify(
  journal: JournalSource,
  projection: ProjectedSums,
  { accounts, counters, agents }: KeptBooks,
  limits: VerifyLimits = { bucketSeqs: BUCKET_SEQS, differencesMax: DIFFERENCES_MAX },
): Promise<Verification> {
  const { sums, buckets } = await sumJournal(journal, limits.bucketSeqs)
  const projected = await projection.sumsBySeq(limits.bucketSeqs)
  const differing = differingBuckets(buckets, projected)
  const amounts: AmountDifference[] = []
  for (const fromSeq of differing) {
    if (amounts.length > limits.differencesMax) break
    const toSeq = fromSeq + limits.bucketSeqs
    const wanted = (await readRange(journal, fromSeq, toSeq)).map(amountOfEntry).filter((amount) => amount !== null)
    amounts.push(...compareAmounts(wanted, await projection.amounts(fromSeq, toSeq)))
  }
  const accountsDiffer = accountDifferences(sums, accounts)
  const countersDiffer = counterDifferences(sums.budgets, counters)
  const agentsDiffer = agentDifferences(sums.agents, agents)
  const outOfBalance = unbalanced(accounts)
  return {
    agrees: differing.length === 0 && accountsDiffer.length + countersDiffer.length + agentsDiffer.length + outOfBalance.length === 0,
    journal: sumsOf(sums),
    projectionCalls: projected.reduce((calls, bucket) => calls + bucket.calls, 0),
    projectionCost: sumPicos(projected.map((bucket) => bucket.cost)),
    amounts: amounts.slice(0, limits.differencesMax),
    amountsTruncated: amounts.length > limits.differencesMax,
    accounts: accountsDiffer,
    counters: countersDiffer,
    agents: agentsDiffer,
    unbalanced: outOfBalance,
  }
}

/** What an entry adds to the cost, by the money it moved; null for an entry that is not about a call. */
export function amountOfEntry(entry: JournalEntry): CallAmount | null {
  const { event, organization, seq } = entry
  if (event.kind !== 'call' && event.kind !== 'adjustment') return null
  const callId = event.kind === 'call' ? event.call.id : event.adjustment.call
  const known = event.kind === 'adjustment' || event.call.charge.amount !== null
  let moved = 0n
  for (const { debit, credit, amount } of entry.transfers) {
    if (isExpense(debit)) moved += amount
    if (isExpense(credit)) moved -= amount
  }
  return { seq, organization, callId, cost: known || moved !== 0n ? picos(moved) : null }
}

/** First seqs of the buckets whose calls or costs differ, ascending. */
function differingBuckets(journal: readonly SumBucket[], projection: readonly SumBucket[]): number[] {
  const differing = new Set<number>()
  const byKey = new Map(journal.map((bucket) => [bucketKey(bucket), bucket]))
  for (const bucket of projection) {
    const wanted = byKey.get(bucketKey(bucket))
    byKey.delete(bucketKey(bucket))
    if (wanted === undefined || wanted.calls !== bucket.calls || wanted.cost !== bucket.cost) differing.add(bucket.fromSeq)
  }
  // Buckets that only the journal has.
  for (const bucket of byKey.values()) differing.add(bucket.fromSeq)
  return [...differing].sort((a, b) => a - b)
}

/** Rows that are on one side only, or on both with different amounts. */
function compareAmounts(journal: readonly CallAmount[], projection: readonly CallAmount[]): AmountDifference[] {
  const differences: AmountDifference[] = []
  const projected = new Map<number, CallAmount[]>()
  for (const amount of projection) projected.set(amount.seq, [...(projected.get(amount.seq) ?? []), amount])
  for (const wanted of journal) {
    const [found, ...more] = projected.get(wanted.seq) ?? []
    projected.delete(wanted.seq)
    if (found === undefined || found.cost !== wanted.cost || found.callId !== wanted.callId || found.organization !== wanted.organization) {
      differences.push(difference(wanted, wanted, found ?? null))
    }
    for (const extra of more) differences.push(difference(extra, null, extra))
  }
  for (const extras of projected.values()) for (const extra of extras) differences.push(difference(extra, null, extra))
  return differences.sort((a, b) => a.seq - b.seq)
}

/** The whole journal, read once: its tally, and what its transfers moved per bucket of seqs. */
async function sumJournal(journal: JournalSource, bucketSeqs: number): Promise<{ sums: JournalTally; buckets: SumBucket[] }> {
  const buckets = new Map<string, SumBucket>()
  const sums = emptyTally()
  for (;;) {
    const entries = await journal.read(sums.head, bucketSeqs)
    if (entries.length === 0) return { sums, buckets: [...buckets.values()] }
    tally(sums, entries)
    for (const entry of entries) {
      const amount = amountOfEntry(entry)
      if (amount === null) continue
      const fromSeq = Math.floor(entry.seq / bucketSeqs) * bucketSeqs
      const empty = { organization: entry.organization, fromSeq, toSeq: fromSeq + bucketSeqs, calls: 0, cost: ZERO }
      const bucket = buckets.get(bucketKey(empty)) ?? empty
      const calls = bucket.calls + (entry.event.kind === 'call' ? 1 : 0)
      buckets.set(bucketKey(empty), { ...bucket, calls, cost: picos(bucket.cost + (amount.cost ?? 0n)) })
    }
  }
}

async function readRange(journal: JournalSource, fromSeq: number, toSeq: number): Promise<JournalEntry[]> {
  const entries = await journal.read(Math.max(fromSeq - 1, 0), toSeq - fromSeq)
  return entries.filter((entry) => entry.seq < toSeq)
}

function difference(at: CallAmount, journal: CallAmount | null, projection: CallAmount | null): AmountDifference {
  const side = (amount: CallAmount | null) => (amount === null ? null : (amount.cost ?? 'unpriced'))
  return { seq: at.seq, organization: at.organization, callId: at.callId, journal: side(journal), projection: side(projection) }
}

function isExpense(account: string): boolean {
  return account.startsWith('expense:')
}

function bucketKey({ organization, fromSeq }: { organization: string; fromSeq: number }): string {
  return `${fromSeq} ${organization}`
}
