import type { Millis } from '../../kernel/index.ts'
import type { KeyStore } from '../../ledger/index.ts'

/**
 * When each key was last used. A use is noted in memory and written at intervals, so that a request costs no write: after a crash the times are
 * as they were last written, at most one interval old.
 */
export interface KeyUses {
  note(keyId: string, at: Millis): void
  /** The newest of what is stored and what is still in memory. */
  lastUses(organization: string | null): Promise<ReadonlyMap<string, Millis>>
  /** Writes what was noted since the last time. What cannot be written is kept for the next time. */
  write(): Promise<void>
}

export function createKeyUses(store: Pick<KeyStore, 'noteUses' | 'lastUses'>): KeyUses {
  let noted = new Map<string, Millis>()
  const note = (keyId: string, at: Millis): void => {
    if (at > (noted.get(keyId) ?? Number.NEGATIVE_INFINITY)) noted.set(keyId, at)
  }
  return {
    note,
    async lastUses(organization) {
      const stored = new Map(await store.lastUses(organization))
      for (const [id, at] of noted) stored.set(id, Math.max(at, stored.get(id) ?? at))
      return stored
    },
    async write() {
      if (noted.size === 0) return
      const writing = noted
      noted = new Map()
      try {
        await store.noteUses([...writing].map(([id, at]) => ({ id, at })))
      } catch (error) {
        for (const [id, at] of writing) note(id, at)
        throw error
      }
    },
  }
}

/** Writes at an interval until it is stopped; the timer keeps no process alive. `stop` writes the rest. */
export function startWritingUses(uses: KeyUses, everyMs: number): () => Promise<void> {
  const write = (): Promise<void> => uses.write().catch(() => undefined)
  const timer = setInterval(write, everyMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await write()
  }
}
