import { join } from 'node:path'
import { projectJournal } from '../../../conformance/calls/model.ts'
import { openProjection } from '../../src/adapters/duckdb/index.ts'
import { type CallStore, type JournalSource, referenceStore } from '../../src/calls/index.ts'
import type { JournalEntry } from '../../src/ledger/index.ts'

/** The store that the journal is projected into: plain arrays, or the columnar store in a file of the folder. */
export const PROJECTION_KINDS = ['reference', 'duckdb'] as const
export type ProjectionKind = (typeof PROJECTION_KINDS)[number]

/** Projects the journal and asks; the columnar file stays, and takes in only what is new the next time. */
export async function withProjection(
  kind: ProjectionKind,
  entries: readonly JournalEntry[],
  folder: string,
  ask: (store: CallStore) => Promise<void>,
): Promise<void> {
  if (kind === 'reference') return await ask(referenceStore(projectJournal(entries)))
  const { store } = await openProjection({ path: join(folder, 'calls.duckdb'), memoryMb: 256, threads: 1 }, sourceOf(entries))
  try {
    store.notify(entries.at(-1)?.seq ?? 0)
    await ask(store)
  } finally {
    await store.close()
  }
}

function sourceOf(entries: readonly JournalEntry[]): JournalSource {
  return {
    read: (afterSeq, limit) => entries.filter(({ seq }) => seq > afterSeq).slice(0, limit),
    head: () => entries.at(-1)?.seq ?? 0,
    close: () => {},
  }
}
