import { type CallQuery, type CallStore, knownTokens, type SessionRow } from '../calls/index.ts'

export interface SessionSpend extends SessionRow {
  /** Null when no call reported any. */
  readonly tokens: number | null
  /** From start to end; see `durationOf`. Null when it cannot be known. */
  readonly durationMs: number | null
  readonly ended: boolean
}

export interface SessionsSpend {
  readonly sessions: readonly SessionSpend[]
  /** True when there are more than the limit let through. */
  readonly truncated: boolean
}

export interface SessionsQuestion extends CallQuery {
  /** Dearest or newest first. */
  readonly orderBy?: 'cost' | 'at'
  readonly limit: number
  readonly offset?: number
}

/** What does each user session cost? */
export async function spendBySession(store: CallStore, question: SessionsQuestion): Promise<SessionsSpend> {
  const rows = await store.sessions({ ...question, orderBy: question.orderBy ?? 'cost', limit: question.limit + 1 })
  const sessions = rows.slice(0, question.limit).map((row) => ({
    ...row,
    tokens: knownTokens(row),
    durationMs: durationOf(row),
    ended: row.endedAt !== null,
  }))
  return { sessions, truncated: rows.length > question.limit }
}

/**
 * How long something lasted: from its stated start, else its first call, to its stated end, else its last call so far.
 * Null when neither side is known, when they tell nothing (`isDurationKnown`), or when the end that was reported lies before the start.
 */
function durationOf(row: Pick<SessionRow, 'startedAt' | 'endedAt' | 'durationKnown' | 'firstCallAt' | 'lastCallAt'>): number | null {
  const start = row.startedAt ?? row.firstCallAt
  const end = row.endedAt ?? row.lastCallAt
  return !row.durationKnown || start === null || end === null || end < start ? null : end - start
}
