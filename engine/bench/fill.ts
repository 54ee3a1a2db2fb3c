import { join } from 'node:path'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { built } from './built.ts'

type Duckdb = typeof import('../src/adapters/duckdb/thread/call-store.ts')
type Assemble = typeof import('../src/assemble.ts')
type Operations = typeof import('../src/operations/index.ts')

const CALLS_PER_RUN = 20
const RUNS_AT_ONCE = 40
const DAYS = 90
const DAY_MS = 86_400_000
const MODELS = [
  'gpt-4o',
  'gpt-4o-mini',
  'gpt-5',
  'gpt-5-mini',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'claude-opus-4-5',
  'gemini-2.5-flash',
  'gemini-2.5-pro',
] as const

export interface Filled {
  readonly calls: number
  readonly callsPerSecond: number
  /** Seconds after the last acknowledged call until analytics had all of them. */
  readonly caughtUpSeconds: number
  /** A run of the largest organization. */
  readonly run: string
  readonly until: number
}

/** Fills a data folder with a seeded fleet of ten organizations over ninety days, through the operations every door uses. */
export async function fill(folder: string, calls: number, say: (line: string) => void): Promise<Filled> {
  const [{ openDuckdbCallStore }, { assemble }, { createInvoke }] = await Promise.all([
    built<Duckdb>('adapters/duckdb/thread/call-store'),
    built<Assemble>('assemble'),
    built<Operations>('operations/index'),
  ])
  const engine = await assemble({
    data: folder,
    version: 'bench',
    auth: 'local',
    openCalls: (stores) => openDuckdbCallStore({ path: join(folder, 'calls.duckdb'), journal: stores.journal }),
  })
  const invoke = createInvoke(engine.services)
  const ask = async (operation: string, input: unknown): Promise<void> => {
    const answer = await invoke(operation, input)
    if (!answer.ok) throw new Error(`${operation}: ${answer.error.detail}`)
  }
  const until = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const world = { dice: diceOf(1), from: until - DAYS * DAY_MS, runs: Math.ceil(calls / CALLS_PER_RUN) }
  const began = performance.now()
  let posted = 0
  for (let run = 0; posted < calls; run += RUNS_AT_ONCE) {
    const runs = Array.from({ length: RUNS_AT_ONCE }, (_, index) => drawRun(world, run + index))
    await Promise.all(runs.map((each) => ask('start_workflow', each.start)))
    for (let first = 0; first < runs.length; first += RUNS_AT_ONCE / 2) {
      await ask('track_calls', { calls: runs.slice(first, first + RUNS_AT_ONCE / 2).flatMap((each) => each.calls) })
    }
    await Promise.all(runs.map((each) => ask('end_workflow', each.end)))
    posted += RUNS_AT_ONCE * CALLS_PER_RUN
    if (posted % 200_000 === 0) say(`${posted.toLocaleString('en-US')} calls posted`)
  }
  const postedAt = performance.now()
  const head = engine.services.committer.head()
  while ((await engine.services.calls.watermark()) < head) await new Promise((resolve) => setTimeout(resolve, 200))
  const caughtUpSeconds = (performance.now() - postedAt) / 1000
  await engine.close()
  return { calls: posted, callsPerSecond: posted / ((postedAt - began) / 1000), caughtUpSeconds, run: 'run-0', until }
}

interface World {
  readonly dice: (low: number, high: number) => number
  readonly from: number
  readonly runs: number
}

interface Drawn {
  readonly start: Record<string, unknown>
  readonly calls: Record<string, unknown>[]
  readonly end: Record<string, unknown>
}

/** Small numbers are frequent: the smaller of two dice. */
function drawRun({ dice, from, runs }: World, number: number): Drawn {
  const skewed = (high: number): number => Math.min(dice(0, high), dice(0, high))
  // A fleet reports as it works: in the order of time, but for one run in fifty that comes up to two days late.
  const lateMs = dice(0, 49) === 0 ? dice(0, 2 * DAY_MS) : 0
  const at = Math.max(from, from + Math.floor((number / (runs + RUNS_AT_ONCE)) * (DAYS * DAY_MS - 3_600_000)) - lateMs)
  const organization = number === 0 || dice(0, 9) < 6 ? 'org-0' : `org-${dice(1, 9)}`
  const id = `run-${number}`
  const workflow = skewed(29)
  const team = skewed(19)
  const success = dice(0, 49) > 0
  const when = (offset: number): string => new Date(at + offset).toISOString()
  const start = {
    organization_id: organization,
    workflow_id: id,
    workflow_name: `workflow-${workflow}`,
    session_id: `session-${Math.floor(number / 3)}`,
    user_id: `user-${skewed(1_999)}`,
    team: `team-${team}`,
    project: `project-${team % 7}`,
    cost_center: `cc-${team % 5}`,
    tags: { env: dice(0, 9) < 8 ? 'prod' : 'staging' },
    timestamp: when(0),
  }
  const calls = Array.from({ length: CALLS_PER_RUN }, (_, index) => {
    const input = dice(200, 12_000)
    const repeated = dice(0, 19) === 0
    return {
      organization_id: organization,
      call_id: `${id}-${index}`,
      workflow_id: id,
      agent_name: `agent-${(workflow + index) % 40}`,
      model: MODELS[skewed(MODELS.length - 1)],
      input_tokens: input,
      cache_read_tokens: dice(0, 1) === 0 ? 0 : Math.floor(input / 2),
      output_tokens: dice(10, 1_500),
      latency_ms: dice(200, 20_000),
      success: success || index < CALLS_PER_RUN - 1,
      parent_call_id: index === 0 ? null : `${id}-${dice(0, index - 1)}`,
      prompt_fingerprint: repeated ? `repeated-${dice(0, 999)}` : `fingerprint-${id}-${index}`,
      timestamp: when(index * 3_000),
    }
  })
  return { start, calls, end: { organization_id: organization, workflow_id: id, success, timestamp: when(CALLS_PER_RUN * 3_000) } }
}

function diceOf(seed: number): (low: number, high: number) => number {
  const generator = xoroshiro128plus(seed)
  return (low, high) => uniformInt(generator, low, high)
}
