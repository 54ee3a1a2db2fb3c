import type { DuckDBConnection } from '@duckdb/node-api'
import type { JournalSource } from '../../calls/index.ts'
import { assert } from '../../kernel/index.ts'
import { eventKey, idOfEvent, type JournalEntry } from '../../ledger/index.ts'
import { applyEntries } from './apply.ts'
import { inTransaction } from './database.ts'
import { foldCalls } from './fold.ts'
import { createPublished } from './published.ts'
import { compactRollups } from './rollup/compact.ts'
import { createTables } from './schema.ts'

/** The one that writes: follows the journal, folds what it has appended, rebuilds. */
export interface Writer {
  readonly watermark: () => number
  /** Why following the journal fails at present; null while it does not. */
  readonly trouble: () => string | null
  notify(head: number): void
  /** Resolves once the watermark has reached `seq`; false when that takes longer than `msMax`. */
  reached(seq: number, msMax: number): Promise<boolean>
  /** Makes runs, sessions, repeats and rollups contain every entry up to `seq`, which must have been reached. */
  folded(seq: number): Promise<void>
  rebuild(): Promise<void>
  /** Runs other work on the writing connection, alone. */
  exclusive<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Entries whose rows are copied in while nothing else runs on the thread (some 20 ms), so that reads are not held up. */
const SLICE_ENTRIES = 2_000
/** Slices a transaction, while there is more to catch up with: a commit costs as much as a slice. */
const SLICES_MAX = 16
/** Rows not yet folded are read raw by every question; beyond this they are folded even while more are coming. */
const UNFOLDED_MAX = 200_000
const COMPACT_AFTER_ROWS = 100_000
const IDLE_FOLD_MS = 2_000
/**
 * Posting comes first where cores are few: while no answer waits and the lag stays small enough to be made up for within a read's wait, the
 * projection rests several times as long as it has just worked. More entries a transaction then cost less each.
 */
const REST_FACTOR = 8
const REST_MS_MAX = 1_000
const RESTED_LAG_MAX = 100_000
const RETRY_MS = 1_000
/** Entries after which the log is worth writing into the file when nothing more comes: after a kill it is read again before anything is answered. */
const CHECKPOINT_AFTER_ENTRIES = 2_000

interface WriterState {
  watermark: number
  folded: number
  /** The newest entry at the last checkpoint that was asked for; as far as is known, all that the file holds of its log is newer. */
  checkpointed: number
  head: number
  trouble: string | null
  pumping: boolean
  closed: boolean
  /** The end of the queue of exclusive work. */
  tail: Promise<unknown>
  foldTimer: NodeJS.Timeout | null
  retryTimer: NodeJS.Timeout | null
  /** Rollup rows added since they were last compacted. */
  rollupRowsAdded: number
  compaction: Promise<void> | null
  /** Ends the rest that the projection is taking; null while it takes none. */
  wake: (() => void) | null
  /** Reads that wait, and the seq each needs. */
  readonly waiting: Map<() => void, number>
}

export async function openWriter(connection: DuckDBConnection, compacting: DuckDBConnection, journal: JournalSource): Promise<Writer> {
  const state: WriterState = {
    watermark: 0,
    folded: 0,
    checkpointed: 0,
    head: 0,
    trouble: null,
    pumping: false,
    closed: false,
    tail: Promise.resolve(),
    foldTimer: null,
    retryTimer: null,
    rollupRowsAdded: 0,
    compaction: null,
    wake: null,
    waiting: new Map(),
  }
  const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
    const result = state.tail.then(work)
    state.tail = result.catch(() => undefined)
    return result
  }
  const context: Context = { connection, compacting, journal, state, exclusive }
  await resume(context)
  pump(context)
  return {
    watermark: () => state.watermark,
    trouble: () => state.trouble,
    notify(head) {
      if (head > state.head) state.head = head
      pump(context)
    },
    reached: (seq, msMax) => reached(context, seq, msMax),
    folded: (seq) => (state.folded >= seq ? Promise.resolve() : exclusive(() => fold(context))),
    rebuild: () => exclusive(() => empty(context)).then(() => pump(context)),
    exclusive: (work) => exclusive(() => work(connection)),
    async close() {
      state.closed = true
      state.wake?.()
      if (state.foldTimer !== null) clearTimeout(state.foldTimer)
      if (state.retryTimer !== null) clearTimeout(state.retryTimer)
      await state.tail
      if (state.compaction !== null) compacting.interrupt()
      await state.compaction
    },
  }
}

interface Context {
  readonly connection: DuckDBConnection
  readonly compacting: DuckDBConnection
  readonly journal: JournalSource
  readonly state: WriterState
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>
}

/** Goes on where the file ends, unless that is not a place in this journal: then the file was made from another one. */
async function resume(context: Context): Promise<void> {
  const { connection, journal, state } = context
  const reader = await connection.runAndReadAll('SELECT watermark, folded, last_entry FROM store.state')
  const [watermark, folded, lastEntry] = reader.getRows()[0] ?? []
  state.watermark = Number(watermark ?? 0)
  state.folded = Number(folded ?? 0)
  state.head = await journal.head()
  if (state.watermark === 0) return
  const [entry] = state.watermark > state.head ? [] : await journal.read(state.watermark - 1, 1)
  if (entry === undefined || entryMark(entry) !== lastEntry) await empty(context)
}

/** Tells entries of the same seq in two journals apart (a restored backup, another data folder). */
function entryMark(entry: JournalEntry | undefined): string {
  assert(entry !== undefined, 'a slice holds at least one entry')
  return `${entry.seq} ${entry.recordedAt} ${eventKey(entry.organization, entry.event.kind, idOfEvent(entry.event))}`
}

async function empty({ connection, compacting, state }: Context): Promise<void> {
  if (state.compaction !== null) compacting.interrupt()
  await state.compaction
  await inTransaction(connection, async () => {
    for (const statement of [...createTables(), ...createPublished()]) await connection.run(statement)
  })
  state.watermark = 0
  state.folded = 0
}

function pump(context: Context): void {
  const { state } = context
  if (state.pumping || state.closed || state.retryTimer !== null || state.watermark >= state.head) return
  state.pumping = true
  follow(context)
    .then(() => {
      state.trouble = null
    })
    .catch((error: unknown) => {
      state.trouble = error instanceof Error ? error.message : String(error)
      state.retryTimer = setTimeout(() => {
        state.retryTimer = null
        pump(context)
      }, RETRY_MS)
    })
    .finally(() => {
      state.pumping = false
      scheduleFold(context)
      pump(context)
    })
}

async function follow(context: Context): Promise<void> {
  const { state, exclusive } = context
  while (!state.closed && state.watermark < state.head) {
    const began = performance.now()
    const advanced = await exclusive(() => step(context))
    if (!advanced) return
    for (const check of [...state.waiting.keys()]) check()
    if (state.watermark - state.folded >= UNFOLDED_MAX) await exclusive(() => fold(context))
    await rest(state, performance.now() - began)
  }
}

/** Ends early when a read comes to wait. */
async function rest(state: WriterState, workedMs: number): Promise<void> {
  if (state.waiting.size > 0 || state.closed || state.head - state.watermark > RESTED_LAG_MAX) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.min(REST_FACTOR * workedMs, REST_MS_MAX))
    state.wake = () => {
      clearTimeout(timer)
      resolve()
    }
  })
  state.wake = null
}

/**
 * One transaction: the next slices and the watermark that says they are in; one slice when no more has come, several when there is
 * much to catch up with. Between slices reads get their turn. False when the journal has no more.
 */
async function step({ connection, journal, state }: Context): Promise<boolean> {
  let entries = await journal.read(state.watermark, SLICE_ENTRIES)
  if (entries.length === 0) {
    state.head = state.watermark
    return false
  }
  state.watermark = await inTransaction(connection, async () => {
    let last = state.watermark
    for (let slice = 1; ; slice += 1) {
      for (const { seq } of entries) {
        assert(seq > last, 'the journal is read in the order of seq, each entry once')
        last = seq
      }
      await applyEntries(connection, entries, state.folded)
      const mark = entryMark(entries.at(-1))
      await new Promise((resolve) => setImmediate(resolve))
      const isLast = entries.length < SLICE_ENTRIES || slice === SLICES_MAX || isAwaited(state, last)
      const more = isLast ? [] : await journal.read(last, SLICE_ENTRIES)
      if (more.length === 0) {
        await connection.run('UPDATE store.state SET watermark = $1, last_entry = $2', [BigInt(last), mark])
        return last
      }
      entries = more
    }
  })
  return true
}

function isAwaited(state: WriterState, seq: number): boolean {
  return [...state.waiting.values()].some((needed) => needed <= seq)
}

async function fold(context: Context): Promise<void> {
  const { connection, state } = context
  const to = state.watermark
  if (state.folded >= to) return
  state.rollupRowsAdded += await inTransaction(connection, () => foldCalls(connection, state.folded, to))
  state.folded = to
  if (state.rollupRowsAdded >= COMPACT_AFTER_ROWS) compact(context)
}

/** On a connection of its own and beside all else: a fold, and with it a read, never waits for it. */
function compact({ compacting, state }: Context): void {
  if (state.compaction !== null || state.closed) return
  state.rollupRowsAdded = 0
  state.compaction = compactRollups(compacting)
    // What it could not do for a rebuild that came between it does the next time.
    .catch(() => undefined)
    .finally(() => {
      state.compaction = null
    })
}

/** When nothing more comes for a while, what has come is folded, so that the next question finds it done. */
function scheduleFold(context: Context): void {
  const { state, exclusive } = context
  if (state.foldTimer !== null || state.closed || state.folded >= state.watermark) return
  state.foldTimer = setTimeout(() => {
    state.foldTimer = null
    if (state.pumping) scheduleFold(context)
    else exclusive(() => fold(context).then(() => checkpoint(context))).catch(() => undefined)
  }, IDLE_FOLD_MS)
  state.foldTimer.unref()
}

/** Refused while a compaction writes: then the next pause does it. */
async function checkpoint({ connection, state }: Context): Promise<void> {
  if (Math.abs(state.watermark - state.checkpointed) < CHECKPOINT_AFTER_ENTRIES) return
  await connection.run('CHECKPOINT')
  state.checkpointed = state.watermark
}

function reached(context: Context, seq: number, msMax: number): Promise<boolean> {
  const { state } = context
  if (state.watermark >= seq) return Promise.resolve(true)
  if (seq > state.head) state.head = seq
  pump(context)
  return new Promise((resolve) => {
    const finish = (done: boolean): void => {
      clearTimeout(timer)
      state.waiting.delete(check)
      resolve(done)
    }
    const check = (): void => {
      if (state.watermark >= seq) finish(true)
    }
    const timer = setTimeout(() => finish(false), msMax)
    state.waiting.set(check, seq)
    state.wake?.()
  })
}
