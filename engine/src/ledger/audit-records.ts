import type { Millis } from '../kernel/index.ts'

/** A change of a rule about money: who, what, before, after. Entries are chained by hash. */
export interface AuditDraft {
  readonly at: Millis
  readonly organization: string | null
  /** Key id, `local` or `bootstrap`. */
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly before: string | null
  readonly after: string | null
}

export interface AuditEntry extends AuditDraft {
  readonly seq: number
  readonly previousHash: string
  readonly hash: string
}
