import type { Database } from 'better-sqlite3'

/** Moves committed pages from the log into the database, outside of any commit that a caller waits for. */
export interface Checkpointer {
  /** Tells that a transaction has written about this many bytes of rows. */
  wrote(bytes: number): void
  close(): void
}

/** While callers keep coming: after this much log, at the turn of the event loop after their answers. The next batch waits for it, some 25 ms. */
const LOG_BYTES_MAX = 8 * 1024 * 1024
/** Once they pause: what is left. */
const LOG_BYTES_IDLE = 256 * 1024
const IDLE_MS = 200
/** Pages that a transaction rewrites beside its rows (accounts, the ends of trees, the header of the log). */
const BYTES_PER_TRANSACTION = 24 * 1024

export function checkpointer(database: Database): Checkpointer {
  let bytes = 0
  let soon: NodeJS.Immediate | null = null
  let idle: NodeJS.Timeout | null = null
  const run = (): void => {
    soon = null
    if (!database.open) return
    // Passive: never waits for a reader. Once it has moved everything, the next commit starts the log from its beginning again.
    database.pragma('wal_checkpoint(PASSIVE)')
    bytes = 0
  }
  return {
    wrote: (written) => {
      bytes += written + BYTES_PER_TRANSACTION
      if (bytes >= LOG_BYTES_MAX) soon ??= setImmediate(run)
      if (idle === null) {
        idle = setTimeout(() => {
          idle = null
          if (bytes >= LOG_BYTES_IDLE) run()
        }, IDLE_MS)
        idle.unref()
      } else idle.refresh()
    },
    close: () => {
      if (soon !== null) clearImmediate(soon)
      if (idle !== null) clearTimeout(idle)
    },
  }
}
