import type { Sql } from 'postgres'

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

/** The server has not answered in time; whoever waited is refused, and its connections are made anew. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

export function openPool(connect: () => Sql, answerMsMax: number): Pool {
  let sql = connect()
  let closed = false
  const within = async <T>(answer: Promise<T>): Promise<T> => {
    const asked = sql
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // A connection that hangs would keep its place in the pool until the operating system gives it up, which takes minutes.
        if (asked === sql && !closed) sql = connect()
        asked.end({ timeout: 0 }).catch(() => undefined)
        reject(new NoAnswerError(`PostgreSQL has not answered within ${answerMsMax / 1000} seconds`))
      }, answerMsMax)
    })
    try {
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    ask: (statement, values) => within(asking(sql)(statement, values)),
    transaction: (work) => within(sql.begin((transaction) => work(asking(transaction))) as ReturnType<typeof work>),
    pipelined: (work) =>
      within(
        new Promise((resolve, reject) => {
          sql.begin(async (transaction) => resolve(await work(asking(transaction)))).catch(reject)
        }),
      ),
    close: async () => {
      closed = true
      await sql.end({ timeout: 5 })
    },
  }
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
