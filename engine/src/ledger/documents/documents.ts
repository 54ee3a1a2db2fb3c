import type { Millis } from '../../kernel/index.ts'
import type { AuditDraft } from '../audit-records.ts'

/** Under what a document is kept. */
export interface DocumentKey {
  readonly organization: string
  /** What sort of document it is; whoever keeps documents of a kind says what their body means. */
  readonly kind: string
  readonly id: string
}

/** What an organization declares, is sent or draws up, and that is kept as written: a rule for shared cost, a daily report, an invoice. */
export interface StoredDocument extends DocumentKey {
  /** When it was made, or what day it is about: documents of a kind are in this order. */
  readonly at: Millis
  /** 1 for a new one; each change counts on, also over a removal. */
  readonly version: number
  /** JSON text. */
  readonly body: string
}

export interface DocumentChange extends DocumentKey {
  readonly at: Millis
  /** Null removes it. */
  readonly body: string | null
  /**
   * The version that the change was made on, so that two who change the same document at once do not overwrite each other: 0 where there was none, or the
   * version of what was removed; null: whatever it is.
   */
  readonly basedOn: number | null
}

export interface DocumentsAsked {
  readonly kind: string
  /** Half open. */
  readonly from?: Millis
  readonly to?: Millis
  /** The earliest so many; all when left out. */
  readonly limit?: number
  /** The latest first. */
  readonly descending?: boolean
}

/**
 * Keeps documents. Changes are written all or none, together with the entries that say who made them; `putDocuments` is false, and nothing is written, when a
 * document is at another version than its change is based on: read again and decide again.
 */
export interface DocumentStore {
  putDocuments(changes: readonly DocumentChange[], audits: readonly AuditDraft[]): Promise<boolean>
  /** Null where there is none, or it was removed. `versionOf` tells these apart. */
  document(key: DocumentKey): Promise<StoredDocument | null>
  /** The version a change of a document that may be removed is based on; 0 where there never was one. */
  versionOf(key: DocumentKey): Promise<number>
  /** Of one organization, or of all; by `at`, then by id. */
  documents(organization: string | null, asked: DocumentsAsked): Promise<StoredDocument[]>
}
