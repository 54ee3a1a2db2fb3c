import type { LedgerStore } from '../../ledger/index.ts'

/**
 * Which organization a run or session belongs to, for calls that name one and no organization. Only callers that may act for any
 * organization need it. Answers are kept in memory; a start forgets the answer for its id, so the next question reads the store again.
 */
export interface RunOrganizations {
  /** The organization; null when the id is in none or in several; undefined when it must be loaded first. */
  known(kind: 'run' | 'session', id: string): string | null | undefined
  load(kind: 'run' | 'session', id: string): Promise<string | null>
  forget(kind: 'run' | 'session', id: string): void
}

const KEPT_MAX = 100_000

/** Where other nodes may start runs too (`shared`), nothing is known without asking. */
export function createRunOrganizations(ledger: Pick<LedgerStore, 'findRuns' | 'findSessions'>, { shared = false } = {}): RunOrganizations {
  const kept = { run: new Map<string, string | null>(), session: new Map<string, string | null>() }
  return {
    known: (kind, id) => (shared ? undefined : kept[kind].get(id)),
    async load(kind, id) {
      const found = kind === 'run' ? await ledger.findRuns(null, id) : await ledger.findSessions(null, id)
      const organization = theOnlyOne(found)
      if (shared) return organization
      const map = kept[kind]
      if (map.size >= KEPT_MAX) map.delete(map.keys().next().value ?? '')
      map.set(id, organization)
      return organization
    },
    forget: (kind, id) => {
      kept[kind].delete(id)
    },
  }
}

/** Something that was started outranks a mere mention by a call. */
function theOnlyOne(found: readonly { readonly organization: string; readonly startedAt: number | null }[]): string | null {
  const started = found.filter((state) => state.startedAt !== null)
  const candidates = started.length > 0 ? started : found
  return candidates.length === 1 ? (candidates[0]?.organization ?? null) : null
}
