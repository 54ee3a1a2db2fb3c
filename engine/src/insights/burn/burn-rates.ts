import { type ActivityRow, type ActivitySums, type CallQuery, type CallStore, knownCost } from '../../calls/index.ts'
import { assert, divideHalfEven, type Millis, type Picos, picos, ZERO } from '../../kernel/index.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000n

/** Windows that every entry is seen through beside the one that was asked for. */
const WINDOWS_MS: readonly number[] = [5 * MINUTE_MS, 60 * MINUTE_MS]

/**
 * A rate is never over less: a session that made one call of a cent a second ago does not burn 36 dollars an hour, it has only begun. Of a window that is
 * shorter still, the rate is over the window.
 */
const OBSERVED_MS_MIN = 5 * MINUTE_MS

/** Groups that are read: whoever has more agents in more sessions at once sees the dearest. */
const GROUPS_MAX = 50_000

/** What was spent in a window that ends now, and how fast. */
export interface Velocity extends ActivitySums {
  readonly windowMs: number
  /** What the rate is over: the window, or what there has been of it. */
  readonly observedMs: number
  /** Null when the price of none of the calls is known. */
  readonly cost: Picos
  /** In an hour, as observed; null as the cost is. An estimate: it is never posted. */
  readonly perHour: Picos | null
}

export interface AgentBurn {
  /** Null: the calls name no agent. */
  readonly agent: string | null
  readonly velocity: Velocity
}

/** What is active: a session; where calls name none, a run; else an agent; else all that name nothing. */
export type BurnScope = 'session' | 'run' | 'agent' | 'none'

export interface BurnEntry {
  readonly scope: BurnScope
  readonly organization: string
  readonly sessionId: string | null
  readonly runId: string | null
  readonly firstCallAt: Millis
  readonly lastCallAt: Millis
  /** Through the window that was asked for. */
  readonly velocity: Velocity
  /** The same through several windows, shortest first. */
  readonly windows: readonly Velocity[]
  /** Those who spend it, dearest first: over the same time, so that their rates are parts of the whole. */
  readonly agents: readonly AgentBurn[]
}

export interface BurnQuestion extends Omit<CallQuery, 'from' | 'to'> {
  readonly now: Millis
  readonly windowMs: number
}

/**
 * What is active and how fast it spends, the fastest first. Active is what has made a call within the window. Twice the longest window is looked at, so that
 * what is older than its window is known to be: only what is younger has its rate over its age. Calls of the future wait until it is their time.
 */
export async function burnRates(store: CallStore, question: BurnQuestion): Promise<BurnEntry[]> {
  const { now, windowMs, ...query } = question
  const windows = [...new Set([...WINDOWS_MS, windowMs])].sort((left, right) => left - right)
  const longest = windows.at(-1) ?? windowMs
  const since = windows.map((window) => now - window)
  const rows = await store.activity({ ...query, from: now - 2 * longest, to: now + 1, since, limit: GROUPS_MAX })
  const asked = windows.indexOf(windowMs)
  return grouped(rows)
    .map((group) => entryOf(group, { now, windows, asked }))
    .filter((entry) => entry.lastCallAt >= now - windowMs)
    .sort((left, right) => compare(right.velocity.perHour ?? ZERO, left.velocity.perHour ?? ZERO) || right.lastCallAt - left.lastCallAt)
}

interface Seen {
  readonly now: Millis
  readonly windows: readonly number[]
  /** Index of the window that was asked for. */
  readonly asked: number
}

/** By session, else run. Calls without either are told apart by their agent. */
function grouped(rows: readonly ActivityRow[]): ActivityRow[][] {
  const groups = new Map<string, ActivityRow[]>()
  for (const row of rows) {
    const { organization, sessionId, runId, agent } = row
    const key = JSON.stringify([organization, sessionId, runId, sessionId === null && runId === null ? agent : null])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return [...groups.values()]
}

function entryOf(rows: readonly ActivityRow[], { now, windows, asked }: Seen): BurnEntry {
  const [first] = rows
  assert(first !== undefined, 'what is active has made a call')
  const { organization, sessionId, runId, agent } = first
  const firstCallAt = Math.min(...rows.map((row) => row.firstCallAt))
  const through = (window: number, index: number): Velocity => velocityOf(sumOf(rows, index), window, now - firstCallAt)
  const velocities = windows.map(through)
  const velocity = velocities[asked]
  assert(velocity !== undefined, 'the window that was asked for is one of those looked through')
  return {
    scope: sessionId !== null ? 'session' : runId !== null ? 'run' : agent !== null ? 'agent' : 'none',
    organization,
    sessionId,
    runId,
    firstCallAt,
    lastCallAt: Math.max(...rows.map((row) => row.lastCallAt)),
    velocity,
    windows: velocities,
    agents: rows
      .map((row) => ({ agent: row.agent, velocity: velocityOf(sumOf([row], asked), velocity.windowMs, now - firstCallAt) }))
      .filter((burn) => burn.velocity.calls > 0)
      .sort((left, right) => compare(right.velocity.cost, left.velocity.cost)),
  }
}

function sumOf(rows: readonly ActivityRow[], index: number): ActivitySums {
  let calls = 0
  let unpriced = 0
  let cost = 0n
  for (const { sums } of rows) {
    calls += sums[index]?.calls ?? 0
    unpriced += sums[index]?.unpriced ?? 0
    cost += sums[index]?.cost ?? 0n
  }
  return { calls, unpriced, cost: picos(cost) }
}

function velocityOf(sums: ActivitySums, windowMs: number, ageMs: number): Velocity {
  const observedMs = Math.min(windowMs, Math.max(ageMs, OBSERVED_MS_MIN))
  const perHour = knownCost(sums) === null ? null : picos(divideHalfEven(sums.cost * HOUR_MS, BigInt(observedMs)))
  return { ...sums, windowMs, observedMs, perHour }
}

function compare(left: bigint, right: bigint): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
