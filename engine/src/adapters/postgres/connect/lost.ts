import postgres from 'postgres'

/** The server has not answered in time; whoever waited is refused, and its connections are made anew. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

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
