import { assert, type Picos, picos, ZERO } from '../kernel/index.ts'
import type { JournalEntry } from '../ledger/index.ts'
import type { CallAmount, JournalSource, SumBucket } from './ports.ts'

/** A row whose amount differs between journal and projection; null: not there at all, `unpriced`: there without an amount. */
export interface AmountDifference {
  readonly seq: number
  readonly organization: string
  readonly callId: string
  readonly journal: Picos | 'unpriced' | null
  readonly projection: Picos | 'unpriced' | null
}

export interface AccountDifference {
  readonly organization: string
  readonly account: string
  readonly journal: { readonly debits: Picos; readonly credits: Picos }
  readonly ledger: { readonly debits: Picos; readonly credits: Picos }
}

export interface AccountSums {
  readonly organization: string
  readonly account: string
  readonly debits: Picos
  readonly credits: Picos
}

export interface Verification {
  readonly agrees: boolean
  readonly head: number
  readonly calls: number
  readonly journalCost: Picos
  readonly projectionCost: Picos
  readonly amounts: readonly AmountDifference[]
  /** True when more rows differ than are listed. */
  readonly amountsTruncated: boolean
  readonly accounts: readonly AccountDifference[]
}

/** The projection's side of the comparison; a `CallStore` is one. */
export interface ProjectedSums {
  sumsBySeq(bucketSize: number): Promise<SumBucket[]>
  amounts(fromSeq: number, toSeq: number): Promise<CallAmount[]>
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
  accounts: readonly AccountSums[],
  limits: { readonly bucketSeqs: number; readonly differencesMax: number } = { bucketSeqs: BUCKET_SEQS, differencesMax: DIFFERENCES_MAX },
): Promise<Verification> {
  const fromJournal = await sumJournal(journal, limits.bucketSeqs)
  const projected = await projection.sumsBySeq(limits.bucketSeqs)
  const differing = differingBuckets(fromJournal.buckets, projected)
  const amounts: AmountDifference[] = []
  for (const fromSeq of differing) {
    if (amounts.length > limits.differencesMax) break
    const toSeq = fromSeq + limits.bucketSeqs
    const wanted = (await readRange(journal, fromSeq, toSeq)).map(amountOfEntry).filter((amount) => amount !== null)
    amounts.push(...compareAmounts(wanted, await projection.amounts(fromSeq, toSeq)))
  }
  const accountDifferences = compareAccounts(fromJournal.accounts, accounts)
  return {
    agrees: amounts.length === 0 && accountDifferences.length === 0 && differing.length === 0,
    head: fromJournal.head,
    calls: fromJournal.buckets.reduce((sum, bucket) => sum + bucket.calls, 0),
    journalCost: total(fromJournal.buckets),
    projectionCost: total(projected),
    amounts: amounts.slice(0, limits.differencesMax),
    amountsTruncated: amounts.length > limits.differencesMax,
    accounts: accountDifferences,
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
export function differingBuckets(journal: readonly SumBucket[], projection: readonly SumBucket[]): number[] {
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
export function compareAmounts(journal: readonly CallAmount[], projection: readonly CallAmount[]): AmountDifference[] {
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

/** Accounts whose recomputed debits or credits differ from what the ledger keeps. */
export function compareAccounts(journal: readonly AccountSums[], ledger: readonly AccountSums[]): AccountDifference[] {
  const nothing = { debits: ZERO, credits: ZERO }
  const journalOf = new Map(journal.map((sums) => [accountKey(sums), sums]))
  const ledgerOf = new Map(ledger.map((sums) => [accountKey(sums), sums]))
  const differences: AccountDifference[] = []
  for (const sums of new Map([...journalOf, ...ledgerOf]).values()) {
    const wanted = journalOf.get(accountKey(sums)) ?? nothing
    const kept = ledgerOf.get(accountKey(sums)) ?? nothing
    if (wanted.debits === kept.debits && wanted.credits === kept.credits) continue
    differences.push({
      organization: sums.organization,
      account: sums.account,
      journal: { debits: wanted.debits, credits: wanted.credits },
      ledger: { debits: kept.debits, credits: kept.credits },
    })
  }
  return differences
}

async function sumJournal(
  journal: JournalSource,
  bucketSeqs: number,
): Promise<{ head: number; buckets: SumBucket[]; accounts: AccountSums[] }> {
  const buckets = new Map<string, SumBucket>()
  const accounts = new Map<string, AccountSums>()
  let head = 0
  for (;;) {
    const entries = await journal.read(head, bucketSeqs)
    for (const entry of entries) {
      assert(entry.seq > head, 'the journal must be read in the order of seq')
      head = entry.seq
      addToAccounts(accounts, entry)
      const amount = amountOfEntry(entry)
      if (amount === null) continue
      const fromSeq = Math.floor(entry.seq / bucketSeqs) * bucketSeqs
      const empty = { organization: entry.organization, fromSeq, toSeq: fromSeq + bucketSeqs, calls: 0, cost: ZERO }
      const bucket = buckets.get(bucketKey(empty)) ?? empty
      const calls = bucket.calls + (entry.event.kind === 'call' ? 1 : 0)
      buckets.set(bucketKey(empty), { ...bucket, calls, cost: picos(bucket.cost + (amount.cost ?? 0n)) })
    }
    if (entries.length === 0) return { head, buckets: [...buckets.values()], accounts: [...accounts.values()] }
  }
}

function addToAccounts(accounts: Map<string, AccountSums>, { organization, transfers }: JournalEntry): void {
  for (const { debit, credit, amount } of transfers) {
    for (const [account, debits, credits] of [
      [debit, amount, 0n],
      [credit, 0n, amount],
    ] as const) {
      const key = accountKey({ organization, account })
      const sums = accounts.get(key) ?? { organization, account, debits: ZERO, credits: ZERO }
      accounts.set(key, { ...sums, debits: picos(sums.debits + debits), credits: picos(sums.credits + credits) })
    }
  }
}

async function readRange(journal: JournalSource, fromSeq: number, toSeq: number): Promise<JournalEntry[]> {
  const entries = await journal.read(fromSeq - 1, toSeq - fromSeq)
  return entries.filter((entry) => entry.seq < toSeq)
}

function difference(at: CallAmount, journal: CallAmount | null, projection: CallAmount | null): AmountDifference {
  const side = (amount: CallAmount | null) => (amount === null ? null : (amount.cost ?? 'unpriced'))
  return { seq: at.seq, organization: at.organization, callId: at.callId, journal: side(journal), projection: side(projection) }
}

function total(buckets: readonly SumBucket[]): Picos {
  return picos(buckets.reduce((sum, bucket) => sum + bucket.cost, 0n))
}

function isExpense(account: string): boolean {
  return account.startsWith('expense:')
}

function bucketKey({ organization, fromSeq }: { organization: string; fromSeq: number }): string {
  return `${fromSeq} ${organization}`
}

function accountKey({ organization, account }: { organization: string; account: string }): string {
  return `${organization}\u0000${account}`
}
