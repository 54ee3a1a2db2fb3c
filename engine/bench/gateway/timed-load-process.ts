import { Pool } from 'undici'

export interface TimedPlan {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly connections: number
  readonly seconds: number
}

/** Times in milliseconds from sending the request. */
export interface TimedLoad {
  readonly perSecond: number
  readonly firstByte: Quantiles
  readonly end: Quantiles
}

export interface Quantiles {
  readonly p50Ms: number
  readonly p99Ms: number
}

const plan = JSON.parse(process.argv[2] ?? '') as TimedPlan
const { origin, pathname } = new URL(plan.url)
const pool = new Pool(origin, { connections: plan.connections, pipelining: 1 })

interface Timed {
  readonly firstByteMs: number
  readonly endMs: number
}

function timedRequest(): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    let firstByteMs = 0
    let answered = 0
    pool.dispatch(
      { path: pathname, method: 'POST', headers: { 'content-type': 'application/json', ...plan.headers }, body: plan.body },
      {
        onRequestStart() {},
        onResponseStart(_controller, status) {
          answered = status
        },
        onResponseData() {
          if (firstByteMs === 0) firstByteMs = performance.now() - began
        },
        onResponseEnd() {
          if (answered === 200) resolve({ firstByteMs, endMs: performance.now() - began })
          else reject(new Error(`${plan.url} answered ${answered}`))
        },
        onResponseError(_controller, error) {
          reject(error)
        },
      },
    )
  })
}

/** Requests one after the other on each connection, until the time is up. */
async function timedFor(seconds: number): Promise<Timed[]> {
  const times: Timed[] = []
  const until = performance.now() + seconds * 1000
  const caller = async (): Promise<void> => {
    while (performance.now() < until) times.push(await timedRequest())
  }
  await Promise.all(Array.from({ length: plan.connections }, caller))
  return times
}

function quantilesOf(times: readonly number[]): Quantiles {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

// Connections and compiled code are warm before anything counts.
await timedFor(0.5)
const began = performance.now()
const times = await timedFor(plan.seconds)
const answer: TimedLoad = {
  perSecond: times.length / ((performance.now() - began) / 1000),
  firstByte: quantilesOf(times.map(({ firstByteMs }) => firstByteMs)),
  end: quantilesOf(times.map(({ endMs }) => endMs)),
}
process.send?.(answer)
await pool.close()
