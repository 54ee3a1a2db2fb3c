import { type AccountState, type RunState, rowKey, type SessionState } from '../../ledger/index.ts'

/**
 * Rows of runs, sessions and accounts as they were last committed. This process alone writes the folder, so what it wrote or read is what
 * is there; calls of one run or organization, which come in crowds, need not read its row again. Changed only after a commit.
 */
export interface KeptRows {
  readonly runs: Map<string, RunState>
  readonly sessions: Map<string, SessionState>
  readonly accounts: Map<string, AccountState>
}

const KEPT_MAX = 20_000

export function keptRows(): KeptRows {
  return { runs: new Map(), sessions: new Map(), accounts: new Map() }
}

/** A kept row, else the one that `read` finds, which is kept then. */
export function keptOr<T>(kept: Map<string, T>, key: string, read: () => T | undefined): T | undefined {
  const known = kept.get(key)
  if (known !== undefined) return known
  const found = read()
  if (found !== undefined) keep(kept, key, found)
  return found
}

/** What a commit has changed. */
export function keepChanged(
  kept: KeptRows,
  changes: { readonly runs: readonly RunState[]; readonly sessions: readonly SessionState[]; readonly accounts: readonly AccountState[] },
): void {
  for (const run of changes.runs) keep(kept.runs, rowKey(run.organization, run.id), run)
  for (const session of changes.sessions) keep(kept.sessions, rowKey(session.organization, session.id), session)
  for (const account of changes.accounts) keep(kept.accounts, rowKey(account.organization, account.account), account)
}

/** At the limit all are forgotten at once: the next crowd fills the map in a moment, and nothing needs to be ordered. */
function keep<T>(kept: Map<string, T>, key: string, row: T): void {
  if (kept.size >= KEPT_MAX && !kept.has(key)) kept.clear()
  kept.set(key, row)
}
