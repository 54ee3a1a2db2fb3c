import type { Sql } from 'postgres'
import { isLostConnection, NoAnswerError } from './lost.ts'

/** A row as it comes: columns are text, 64-bit integers and decimals, and all of them arrive as text. */
export type Row = Readonly<Record<string, string | null>>

/**
 * Sends a statement at once and resolves with its rows. Statements of one transaction go out without waiting for each other's answers, and
 * the server takes them in their order.
 */
export type Ask = (statement: string, values?: readonly (string | null)[]) => Promise<readonly Row[]>

/** Connections of one role. Whoever asks while the server is away is refused, and the next question connects again. */
export interface Pool {
  /** One statement, by itself. */
  readonly ask: Ask
  /** A transaction, committed when it resolves with what `work` gives, and rolled back when `work` throws. */
  transaction<T>(work: (ask: Ask) => Promise<T>): Promise<T>
  /**
   * A transaction whose `work` sends the COMMIT itself, behind its last statements and without waiting for them, or only reads. It resolves as
   * soon as `work` does.
   */
  pipelined<T>(work: (ask: Ask) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * A pool that has lost a connection, or is not answered within `answerMsMax`, is made anew as a whole: a client that reconnects would send again what
 * it had not sent before (postgres.js 3.4.9 keeps the bytes), and a connection that hangs would keep its place for minutes.
 */
export function openPool(connect: () => Sql, answerMsMax: number): Pool {
  let sql = connect()
  let closed = false
  const renew = (lost: Sql, seconds: number): void => {
    if (lost === sql && !closed) sql = connect()
    lost.end({ timeout: seconds }).catch(() => undefined)
  }
  const within = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    const asked = sql
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new NoAnswerError(`PostgreSQL has not answered within ${answerMsMax / 1000} seconds`)), answerMsMax)
    })
    try {
      return await Promise.race([work(asked), late])
    } catch (error) {
      // What others have asked over its other connections may still be answered.
      if (isLostConnection(error)) renew(asked, error instanceof NoAnswerError ? 0 : SECONDS_LEFT)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    ask: (statement, values) => within((own) => asking(own)(statement, values)),
    transaction: (work) => within((own) => inTransaction(own, work, 'ended')),
    pipelined: (work) => within((own) => inTransaction(own, work, 'worked')),
    close: async () => {
      closed = true
      await sql.end({ timeout: SECONDS_LEFT })
    },
  }
}

const SECONDS_LEFT = 5

/**
 * Resolves when `work` has `worked`, or when the transaction has `ended` too; rejects when it fails. When the connection is lost, `work` is never
 * seen to fail by the client, which would send a ROLLBACK over a socket that is not there any more, and end this process with it.
 */
function inTransaction<T>(sql: Sql, work: (ask: Ask) => Promise<T>, until: 'worked' | 'ended'): Promise<T> {
  return new Promise((resolve, reject) => {
    let lost = false
    const ended = sql.begin(async (transaction) => {
      try {
        const value = await work(asking(transaction))
        if (until === 'worked') resolve(value)
        return value
      } catch (error) {
        reject(error)
        if (lost || isLostConnection(error)) await new Promise(() => undefined)
        throw error
      }
    }) as Promise<T>
    ended.then(resolve, (error: unknown) => {
      lost = true
      reject(error)
    })
  })
}

function asking(sql: Pick<Sql, 'unsafe'>): Ask {
  return (statement, values = []) => {
    const query = sql.unsafe<Row[]>(statement, [...values], { prepare: true, ...NOT_SIMPLE }).execute()
    const answer = query.then((rows) => rows)
    // It is rejected for whoever waits for it; a transaction that has failed already waits for nothing more.
    answer.catch(() => undefined)
    return answer
  }
}

/** Statements without parameters would else go by the protocol that cannot keep them prepared. */
const NOT_SIMPLE = { simple: false }
