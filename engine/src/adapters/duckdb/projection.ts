import { availableParallelism } from 'node:os'
import { BIGINT, DECIMAL, type DuckDBConnection, DuckDBDecimalValue, LIST, listValue, VARCHAR } from '@duckdb/node-api'
import {
  type CallStore,
  type JournalSource,
  type OrganizationScope,
  QueryFault,
  type Recommendation,
  type RepeatQuery,
} from '../../calls/index.ts'
import { LIMITS } from '../../kernel/index.ts'
import { aggregateText } from './aggregate.ts'
import { activityText } from './as-text/activity.ts'
import { fromTexts, type TextQueries } from './as-text/from-texts.ts'
import { lastPostedText } from './as-text/query-last-posted.ts'
import { bindings, scopeCondition } from './conditions.ts'
import { inTransaction, openDatabase } from './database.ts'
import { openPool } from './pool.ts'
import { facts } from './query-facts.ts'
import { failedRunsText, runs, runTotals, sessionsText, tree } from './query-owners.ts'
import { repeats } from './query-repeats.ts'
import { amounts, rows, sums, sumsBySeq } from './query-rows.ts'
import { sql } from './sql/query-sql.ts'
import { computingFunctions } from './sql/sql-guard.ts'
import { openWriter, type Writer } from './writer.ts'

export interface ProjectionOptions {
  /** The DuckDB file, or `:memory:`. */
  readonly path: string
  /** How much memory queries and folds may use before they spill to disk. */
  readonly memoryMb?: number
  readonly threads?: number
  /** How long a read waits for the projection to catch up. */
  readonly waitMs?: number
  readonly queryMsMax?: number
}

/** A projection opened in this thread, and why its file was dropped and is being rebuilt (null: it was not). */
export interface Projection {
  readonly store: ProjectionStore
  readonly rebuilt: string | null
}

/** The query port, and what only a thread that passes answers on asks for. */
export type ProjectionStore = CallStore & TextQueries

const MEMORY_MB = 512
/** Half of the processors: pages ask several questions at once, and sharing out one of them costs more than it saves where the others wait. */
const THREADS_MAX = 4
const READERS = 4
const SQL_READERS = 2

/**
 * Opens the columnar store and follows the journal into it. A file may be opened from one thread of one process only: a second opening
 * in the same process would silently become a second writer. Use `openDuckdbCallStore` outside of tests and of the projection thread.
 */
export async function openProjection(options: ProjectionOptions, journal: JournalSource): Promise<Projection> {
  const { waitMs = LIMITS.projectionWaitMs, queryMsMax = LIMITS.sqlMsMax } = options
  const { instance, rebuilt } = await openDatabase({
    path: options.path,
    memoryMb: options.memoryMb ?? MEMORY_MB,
    threads: options.threads ?? Math.max(1, Math.min(THREADS_MAX, Math.floor(availableParallelism() / 2))),
  })
  const writing = await instance.connect()
  const compacting = await instance.connect()
  const writer = await openWriter(writing, compacting, journal)
  const pool = await openPool(instance, READERS)
  const sqlPool = await openPool(instance, SQL_READERS)
  const functions = await pool.read(queryMsMax, computingFunctions)

  type Work<T> = (connection: DuckDBConnection) => Promise<T>
  const read = async <T>(atLeast: number, work: Work<T>): Promise<T> => {
    await caughtUp(writer, atLeast, waitMs)
    return await pool.read(queryMsMax, work)
  }
  // Runs, sessions and repeats are read from what is folded.
  const readFolded = async <T>(atLeast: number, work: Work<T>): Promise<T> => {
    await caughtUp(writer, atLeast, waitMs)
    await writer.folded(Math.max(atLeast, writer.watermark()))
    return await pool.read(queryMsMax, work)
  }

  const texts: TextQueries = {
    aggregateText: (query) => read(query.atLeast, (connection) => aggregateText(connection, query)),
    lastPostedText: (query) => read(query.atLeast, (connection) => lastPostedText(connection, query)),
    failedRunsText: (query) => readFolded(query.atLeast, (connection) => failedRunsText(connection, query)),
    sessionsText: (query) => readFolded(query.atLeast, (connection) => sessionsText(connection, query)),
    activityText: (query) => read(query.atLeast, (connection) => activityText(connection, query)),
  }
  const store: ProjectionStore = {
    ...texts,
    ...fromTexts(texts),
    rows: (query) => read(query.atLeast, (connection) => rows(connection, query)),
    runs: (query) => readFolded(query.atLeast, (connection) => runs(connection, query)),
    runTotals: (query) => readFolded(query.atLeast, (connection) => runTotals(connection, query)),
    tree: (query) => readFolded(query.atLeast, (connection) => tree(connection, query)),
    repeats: (query: RepeatQuery) => readFolded(query.atLeast, (connection) => repeats(connection, query)),
    facts: (query) => readFolded(query.atLeast, (connection) => facts(connection, query)),
    async sql(query) {
      await caughtUp(writer, query.atLeast, waitMs)
      await writer.folded(Math.max(query.atLeast, writer.watermark()))
      return await sqlPool.read(Math.min(query.msMax, queryMsMax), (connection) => sql(connection, query, functions))
    },
    sums: () => pool.read(queryMsMax, sums),
    sumsBySeq: (bucketSize) => pool.read(queryMsMax, (connection) => sumsBySeq(connection, bucketSize)),
    amounts: (fromSeq, toSeq) => pool.read(queryMsMax, (connection) => amounts(connection, fromSeq, toSeq)),
    replaceRecommendations: (scope, advice) => writer.exclusive((connection) => replaceRecommendations(connection, scope, advice)),
    notify: (head) => writer.notify(head),
    watermark: async () => writer.watermark(),
    rebuild: (head, onProgress) => rebuild(writer, head, onProgress),
    async close() {
      await writer.close()
      pool.close()
      sqlPool.close()
      writing.closeSync()
      compacting.closeSync()
      instance.closeSync()
      await journal.close()
    },
  }
  return { store, rebuilt }
}

async function caughtUp(writer: Writer, atLeast: number, waitMs: number): Promise<void> {
  if (await writer.reached(atLeast, waitMs)) return
  const trouble = writer.trouble()
  const why = trouble === null ? '' : `: ${trouble}`
  throw new QueryFault('projection_behind', `the projection has reached ${writer.watermark()} of ${atLeast} journal entries${why}`)
}

const PROGRESS_MS = 200

async function rebuild(writer: Writer, head: number, onProgress: ((seq: number) => void) | undefined): Promise<void> {
  await writer.rebuild()
  writer.notify(head)
  while (!(await writer.reached(head, PROGRESS_MS))) {
    const trouble = writer.trouble()
    if (trouble !== null) throw new QueryFault('query_failed', `the rebuild stopped at entry ${writer.watermark()}: ${trouble}`)
    onProgress?.(writer.watermark())
  }
  await writer.folded(head)
  onProgress?.(writer.watermark())
}

const MONEY = DECIMAL(38, 12)
/** Said, because the type of an empty list cannot be guessed. */
const ADVICE_TYPES = [VARCHAR, VARCHAR, VARCHAR, VARCHAR, MONEY, VARCHAR, MONEY, LIST(VARCHAR), BIGINT]

async function replaceRecommendations(
  connection: DuckDBConnection,
  scope: OrganizationScope,
  advice: readonly Recommendation[],
): Promise<void> {
  await inTransaction(connection, async () => {
    const to = bindings()
    const where = scopeCondition(to, scope)
    await connection.run(`DELETE FROM store.recommendations WHERE ${where}`, to.values, to.types)
    for (const row of advice) {
      const values = [
        row.organization,
        row.type,
        row.priority,
        row.subject,
        new DuckDBDecimalValue(row.currentCost, 38, 12),
        row.recommendation,
        row.potentialSavings === null ? null : new DuckDBDecimalValue(row.potentialSavings, 38, 12),
        listValue([...row.callIds]),
        BigInt(row.computedAt),
      ]
      await connection.run('INSERT INTO store.recommendations VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)', values, ADVICE_TYPES)
    }
  })
}
