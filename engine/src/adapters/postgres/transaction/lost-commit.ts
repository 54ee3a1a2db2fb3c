import postgres from 'postgres'
import { CommitUnknown } from '../../../ledger/index.ts'
import { NoAnswerError, type Pool } from '../connect/pool.ts'

/** Whether a failure leaves open what the server did: it is gone, or ended the connection, and did not answer the statement. */
export function isLostConnection(error: unknown): boolean {
  if (error instanceof NoAnswerError) return true
  return error instanceof postgres.PostgresError ? error.code.startsWith(SHUTTING_DOWN) : hasCode(error)
}

/** 57P01 to 57P03: the server is being ended, has crashed, or is starting. */
const SHUTTING_DOWN = '57P'

/** The client and the operating system say with a code how a connection was lost; a fault of ours has none. */
function hasCode(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

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
