import { CommitUnknown } from '../../../ledger/index.ts'
import type { Pool } from '../connect/pool.ts'

const ASK_FOR_MS = 10_000
const ASK_AGAIN_MS = 200

/**
 * Resolves when a transaction whose COMMIT was sent, and not answered, is committed all the same. Throws `lost` when it is not, and `CommitUnknown`
 * when the server could not be asked in time.
 */
export async function committedAfterAll(books: Pool, transactionId: string, lost: unknown): Promise<void> {
  const until = performance.now() + ASK_FOR_MS
  while (performance.now() < until) {
    const status = await books.ask('SELECT pg_xact_status($1::text::xid8) AS status', [transactionId]).then(
      ([row]) => row?.status ?? null,
      () => 'unreachable',
    )
    if (status === 'committed') return
    if (status === 'aborted') throw lost
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
  throw new CommitUnknown('the connection to PostgreSQL was lost while it committed, and it cannot be asked what became of it', {
    cause: lost,
  })
}
