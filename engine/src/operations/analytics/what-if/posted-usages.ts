import type { CallQuery } from '../../../calls/index.ts'
import type { PostedUsage } from '../../../insights/index.ts'
import { assert } from '../../../kernel/index.ts'
import type { CallsRead, JournalEntry, LedgerStore } from '../../../ledger/index.ts'

/** What the journal has of the calls of a time, a piece at a time, letting other work go on between two pieces. */
export async function* postedUsages(
  ledger: LedgerStore,
  { from, to }: Pick<CallQuery, 'from' | 'to'>,
  throughSeq: number,
): AsyncGenerator<PostedUsage & { readonly seq: number }> {
  const range = { from: from ?? Number.NEGATIVE_INFINITY, to: to ?? Number.POSITIVE_INFINITY }
  for await (const piece of callPieces(ledger, range, throughSeq)) {
    const newest = new Map<number, JournalEntry>()
    for (const { callSeq, entry } of piece.adjustments) if (entry.seq <= throughSeq) newest.set(callSeq, entry)
    for (const { seq, organization, event } of piece.entries) {
      if (event.kind !== 'call') continue
      const correction = newest.get(seq)?.event
      assert(correction === undefined || correction.kind === 'adjustment', 'a call is corrected by an adjustment')
      const { knownAt, status } = correction?.adjustment.charge ?? event.call.charge
      yield { seq, organization, usage: event.call.usage, knownAt, attested: status === 'attested' }
    }
  }
}

/** The stretches of the journal that hold calls of a time, up to an entry. */
export async function* callPieces(
  ledger: LedgerStore,
  range: { readonly from: number; readonly to: number },
  throughSeq: number,
): AsyncGenerator<CallsRead> {
  for (let after = 0; after < throughSeq; ) {
    const piece = await ledger.readCalls(range, after)
    yield { ...piece, entries: piece.entries.filter(({ seq }) => seq <= throughSeq) }
    after = piece.throughSeq
    await new Promise((resolve) => setImmediate(resolve))
  }
}
