import { sha256Hex } from '../../kernel/index.ts'
import type { JournalEntry } from '../../ledger/index.ts'
import type { Alert } from '../records.ts'
import { crossedThresholds } from './crossed.ts'
import { exhaustedBudgets } from './exhausted.ts'
import { changedAgents, openedBreakers } from './opened.ts'

/** An alert as a source makes it; where it comes from gives it its id, organization and time. */
export type AlertDraft = Omit<Alert, 'id' | 'organization' | 'at'>

/**
 * What of a journal entry is told: one line for each thing that an entry can carry. The name is in the ids of the alerts, so it never changes
 * and lines may be added in any order.
 */
const SOURCES: readonly { readonly name: string; readonly of: (entry: JournalEntry) => readonly AlertDraft[] }[] = [
  { name: 'crossed', of: crossedThresholds },
  { name: 'tripped', of: openedBreakers },
  { name: 'agent_state', of: changedAgents },
  { name: 'exhausted', of: exhaustedBudgets },
]

/** The alerts of a journal entry, always the same ones under the same ids. */
export function alertsOf(entry: JournalEntry): Alert[] {
  const { organization, seq, recordedAt } = entry
  return SOURCES.flatMap(({ name, of }) =>
    of(entry).map((draft, index) => ({ ...draft, id: alertId(organization, name, seq, index), organization, at: recordedAt })),
  )
}

/** Whether anything of an entry is told: almost nothing is, and this is asked of every entry. */
export function tells(entry: JournalEntry): boolean {
  return SOURCES.some(({ of }) => of(entry).length > 0)
}

/** Made of where it comes from, and telling nothing about it: a seq would say how much other organizations post. */
export function alertId(...from: readonly (string | number)[]): string {
  return `alert_${sha256Hex(JSON.stringify(from)).slice(0, ID_CHARS)}`
}

const ID_CHARS = 32
