import { assert, fail, LIMITS, type Refusal, type Result, refusal } from '../kernel/index.ts'
import { partsOf } from './decide.ts'
import { deciding } from './deciding.ts'
import { type Committer, CommitUnknown, type LedgerStore } from './ports.ts'
import type { Command, Posted } from './records.ts'

export interface CommitterLimits {
  readonly commandsPerBatchMax: number
  readonly commandsWaitingMax: number
}

export interface CommitterOptions {
  readonly limits?: CommitterLimits
  /** Head of the journal at the start: `await store.head()`. */
  readonly head?: number
  /** Told of each fault behind an `unavailable` or `internal`, so that an operator can be. */
  readonly onFault?: (error: unknown) => void
}

/**
 * Takes what has arrived while the last batch was committing, at most `commandsPerBatchMax` commands, decides and commits it in one
 * transaction, then answers every caller. There is no timer: an idle committer takes a command at the next turn of the event loop, a busy
 * one collects. Commands that came together stay together unless they are more than a batch. When the store fails, every command of the
 * batch is answered `unavailable` and nothing of it is posted. Commands past `commandsWaitingMax` are refused as `overloaded`, a group whole.
 */
export function committer(store: LedgerStore, options: CommitterOptions = {}): Committer {
  const state: State = {
    store,
    onFault: options.onFault ?? (() => {}),
    limits: options.limits ?? LIMITS,
    queue: [],
    waiting: 0,
    head: options.head ?? 0,
    running: null,
    closed: false,
  }
  assert(state.limits.commandsPerBatchMax > 0, 'a batch holds at least one command')
  return {
    submit: async (command) => (await enqueue(state, [command]))[0] ?? NOT_ANSWERED,
    submitAll: (commands) => submitAll(state, commands),
    head: () => state.head,
    close: async () => {
      state.closed = true
      await state.running
    },
  }
}

type Outcome = Result<Posted, Refusal>

/** Commands that came together and are committed together. */
interface Group {
  readonly commands: readonly Command[]
  readonly answer: (outcomes: Outcome[]) => void
}

interface State {
  readonly store: LedgerStore
  readonly onFault: (error: unknown) => void
  readonly limits: CommitterLimits
  readonly queue: Group[]
  waiting: number
  head: number
  /** Resolves when the queue is empty; null while idle. */
  running: Promise<void> | null
  closed: boolean
}

async function submitAll(state: State, commands: readonly Command[]): Promise<Outcome[]> {
  const size = state.limits.commandsPerBatchMax
  if (commands.length <= size) return enqueue(state, commands)
  if (state.waiting + commands.length > state.limits.commandsWaitingMax) return refuseAll(commands, overloaded(state))
  const groups: Command[][] = []
  for (const part of partsOf(commands)) {
    const open = groups.at(-1)
    if (open !== undefined && open.length + part.length <= size) open.push(...part)
    else groups.push([...part])
  }
  return (await Promise.all(groups.map((group) => enqueue(state, group)))).flat()
}

function enqueue(state: State, commands: readonly Command[]): Promise<Outcome[]> {
  if (commands.length === 0) return Promise.resolve([])
  if (state.closed) return Promise.resolve(refuseAll(commands, refusal('unavailable', 'the ledger is closing')))
  if (state.waiting + commands.length > state.limits.commandsWaitingMax) {
    return Promise.resolve(refuseAll(commands, overloaded(state)))
  }
  return new Promise((answer) => {
    state.queue.push({ commands, answer })
    state.waiting += commands.length
    state.running ??= run(state)
  })
}

/** Commits batch after batch until nothing waits. Between batches the event loop turns once, so that arrivals are read. */
async function run(state: State): Promise<void> {
  while (state.queue.length > 0) {
    await new Promise((resolve) => setImmediate(resolve))
    await commit(state, takeBatch(state))
  }
  state.running = null
}

function takeBatch(state: State): Group[] {
  let size = 0
  let groups = 0
  for (const { commands } of state.queue) {
    if (groups > 0 && size + commands.length > state.limits.commandsPerBatchMax) break
    size += commands.length
    groups++
  }
  return state.queue.splice(0, groups)
}

async function commit(state: State, groups: readonly Group[]): Promise<void> {
  const only = groups.length === 1 ? groups[0] : undefined
  const commands = only === undefined ? groups.flatMap((group) => group.commands) : only.commands
  const outcomes = await outcomesOf(state, commands)
  assert(outcomes.length === commands.length, 'every command is answered')
  state.waiting -= commands.length
  assert(state.waiting >= 0, 'what was taken had been waiting')
  let from = 0
  for (const group of groups) {
    group.answer(outcomes.slice(from, from + group.commands.length))
    from += group.commands.length
  }
}

async function outcomesOf(state: State, commands: readonly Command[]): Promise<Outcome[]> {
  const attempt = await transact(state, commands)
  if (attempt.done) return attempt.outcomes
  if (attempt.fault === 'unknown') return refuseAll(commands, refusal('unavailable', UNKNOWN))
  if (attempt.fault === 'store') return refuseAll(commands, refusal('unavailable', 'the ledger cannot be written to; nothing was posted'))
  const parts = partsOf(commands)
  if (parts.length === 1) return refuseAll(commands, refusal('internal', 'the ledger could not decide this; nothing was posted'))
  // A fault of ours in one command must not take down the others that happened to share its batch.
  const outcomes: Outcome[] = []
  for (const part of parts) outcomes.push(...(await outcomesOf(state, part)))
  return outcomes
}

type Attempt =
  | { readonly done: true; readonly outcomes: Outcome[] }
  /** `store`: reading or writing failed; `unknown`: the commit did, perhaps. `decision`: an invariant of ours did not hold. */
  | { readonly done: false; readonly fault: 'store' | 'unknown' | 'decision' }

async function transact(state: State, commands: readonly Command[]): Promise<Attempt> {
  const batch = deciding(commands)
  try {
    const { outcomes, changes } = await state.store.transact(batch.rows, batch.decide)
    state.head = Math.max(state.head, changes.entries.at(-1)?.seq ?? 0)
    return { done: true, outcomes: [...outcomes] }
  } catch (error) {
    state.onFault(error)
    if (error instanceof CommitUnknown) return { done: false, fault: 'unknown' }
    return { done: false, fault: batch.failed() ? 'decision' : 'store' }
  }
}

function refuseAll(commands: readonly Command[], why: Refusal): Outcome[] {
  return commands.map(() => fail(why))
}

function overloaded(state: State): Refusal {
  const waiting = state.waiting === 1 ? '1 command is waiting' : `${state.waiting} commands are waiting`
  return refusal('overloaded', `${waiting}; try again shortly`, { facts: { waiting: state.waiting } })
}

const UNKNOWN =
  'the connection to the ledger was lost while it committed, so whether this was posted is not known: send it again with the same id'

const NOT_ANSWERED: Outcome = fail(refusal('internal', 'the command was not answered'))
