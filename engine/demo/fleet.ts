import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** What the demonstration fleet did: bodies for the tracking API, in the order in which they were sent. */
export type FleetEvent =
  | { readonly at: number; readonly path: '/v1/finops/sessions/start'; readonly body: Record<string, unknown> }
  | { readonly at: number; readonly path: '/v1/finops/workflows/start'; readonly body: Record<string, unknown> }
  | { readonly at: number; readonly path: '/v1/finops/workflows/end'; readonly body: Record<string, unknown> }
  | { readonly at: number; readonly path: '/v1/finops/calls/track'; readonly body: Record<string, unknown> }

export interface Fleet {
  readonly events: readonly FleetEvent[]
  /** A run worth looking at: nested, with several agents. */
  readonly exampleRun: string
  readonly retryLoopCalls: number
}

const DAY_MS = 86_400_000
const DAYS = 14
const ORGANIZATION = 'acme'

/** Plays two weeks of three teams up to `until` (milliseconds). The same seed and time give the same fleet. */
export function playFleet(seed: number, until: number): Fleet {
  const dice = diceOf(seed)
  const events: FleetEvent[] = []
  const world: World = { dice, events, ids: 0, seed, exampleRun: '' }
  for (let day = DAYS; day > 0; day -= 1) {
    const midnight = until - day * DAY_MS
    const weekday = new Date(midnight).getUTCDay()
    const busy = weekday === 0 || weekday === 6 ? 3 : 10
    for (let ticket = 0; ticket < busy * 3; ticket += 1) answerTicket(world, midnight + dice(0, DAY_MS - 600_000))
    for (let question = 0; question < busy / 2; question += 1) deepResearch(world, midnight + dice(0, DAY_MS - 3_600_000))
    for (let campaign = 0; campaign < busy; campaign += 1) draftCampaign(world, midnight + dice(0, DAY_MS - 600_000))
  }
  const retryLoopCalls = retryLoop(world, until - 2 * DAY_MS + 3 * 3_600_000)
  events.sort((a, b) => a.at - b.at)
  return { events, exampleRun: world.exampleRun, retryLoopCalls }
}

interface World {
  readonly dice: (low: number, high: number) => number
  readonly events: FleetEvent[]
  readonly seed: number
  ids: number
  exampleRun: string
}

/** Support: a ticket is routed, looked up, answered with a long cached prompt. Cold caches write, warm ones read. */
function answerTicket(world: World, at: number): void {
  const { dice } = world
  const user = `user_${dice(1, 40)}`
  const session = newId(world, 'session')
  send(world, at, '/v1/finops/sessions/start', { session_id: session, user_id: user, team: 'support' })
  const run = startRun(world, at + 50, 'Answer Ticket', {
    session_id: session,
    user_id: user,
    team: 'support',
    project: 'helpdesk',
    cost_center: 'CC-100',
  })
  const router = call(world, at + 200, run, 'Router', 'gpt-4o-mini', {
    input_tokens: dice(300, 900),
    output_tokens: dice(10, 40),
    latency_ms: dice(200, 700),
  })
  const finder = call(world, at + 1_200, run, 'Retriever', 'gpt-4o-mini', {
    input_tokens: dice(800, 2_500),
    output_tokens: dice(40, 160),
    latency_ms: dice(300, 900),
    parent_call_id: router,
  })
  const prompt = 18_000
  const warm = dice(1, 10) > 3
  const fresh = dice(400, 1_800)
  const cache = warm ? { cache_read_tokens: prompt } : { cache_write_tokens: prompt }
  call(world, at + 2_400, run, 'Answerer', 'claude-sonnet-4-5', {
    input_tokens: prompt + fresh,
    ...cache,
    output_tokens: dice(200, 900),
    latency_ms: dice(1_500, 6_000),
    parent_call_id: finder,
  })
  endRun(world, at + 9_000, run, dice(1, 50) > 2)
}

/** Research: a run whose readers are runs of their own, up to three levels deep. */
function deepResearch(world: World, at: number): void {
  const { dice } = world
  const where = { user_id: `analyst_${dice(1, 6)}`, team: 'research', project: 'market-map', cost_center: 'CC-200' }
  const run = startRun(world, at, 'Deep Research', where)
  const planner = call(world, at + 500, run, 'Planner', 'claude-opus-4-5', {
    input_tokens: dice(2_000, 6_000),
    output_tokens: dice(600, 1_500),
    latency_ms: dice(6_000, 20_000),
  })
  const readers = dice(3, 6)
  for (let reader = 0; reader < readers; reader += 1) {
    const began = at + 25_000 + reader * 4_000
    const nested = startRun(world, began, 'Read Source', { ...where, parent_workflow_id: run })
    const fetched = call(world, began + 300, nested, 'Reader', 'gemini-2.5-flash', {
      input_tokens: dice(20_000, 90_000),
      output_tokens: dice(400, 1_200),
      reasoning_tokens: dice(100, 399),
      latency_ms: dice(2_000, 9_000),
      parent_call_id: planner,
    })
    call(world, began + 10_000, nested, 'Fact Checker', 'gpt-4o', {
      input_tokens: dice(3_000, 8_000),
      output_tokens: dice(100, 400),
      latency_ms: dice(900, 3_000),
      parent_call_id: fetched,
    })
    endRun(world, began + 14_000, nested, dice(1, 20) > 1)
  }
  call(world, at + 90_000, run, 'Writer', 'gpt-5', {
    input_tokens: dice(9_000, 22_000),
    output_tokens: dice(2_500, 6_000),
    reasoning_tokens: dice(800, 2_400),
    latency_ms: dice(20_000, 60_000),
    parent_call_id: planner,
  })
  endRun(world, at + 160_000, run, true)
  world.exampleRun = run
}

/** Growth: copy is drafted by a large model and scored by a model of their own that no price table knows. */
function draftCampaign(world: World, at: number): void {
  const { dice } = world
  const run = startRun(world, at, 'Draft Campaign', {
    user_id: `marketer_${dice(1, 5)}`,
    team: 'growth',
    project: 'newsletter',
    cost_center: 'CC-300',
    tags: { channel: dice(0, 1) === 0 ? 'email' : 'social' },
  })
  const draft = call(world, at + 400, run, 'Copywriter', 'gpt-4o', {
    input_tokens: dice(1_200, 3_000),
    output_tokens: dice(500, 1_400),
    latency_ms: dice(2_000, 7_000),
    prompt_fingerprint: `brief-${dice(1, 60)}-draft`,
  })
  if (dice(1, 4) === 1)
    call(world, at + 9_000, run, 'Scorer', 'acme-scorer-7b', {
      input_tokens: dice(600, 1_500),
      output_tokens: dice(5, 20),
      latency_ms: dice(100, 300),
      parent_call_id: draft,
    })
  endRun(world, at + 12_000, run, true)
}

/** One night an agent asked the same thing again and again, and failed every time. */
function retryLoop(world: World, at: number): number {
  const run = startRun(world, at, 'Draft Campaign', { user_id: 'marketer_1', team: 'growth', project: 'newsletter', cost_center: 'CC-300' })
  const times = 180
  for (let attempt = 0; attempt < times; attempt += 1) {
    call(world, at + 1_000 + attempt * 20_000, run, 'Copywriter', 'gpt-4o', {
      input_tokens: 24_800,
      output_tokens: 900,
      latency_ms: 9_000,
      success: false,
      error: 'schema_mismatch',
      prompt_fingerprint: 'brief-0-retry-loop',
    })
  }
  endRun(world, at + times * 20_000 + 5_000, run, false)
  return times
}

function startRun(world: World, at: number, name: string, where: Record<string, unknown>): string {
  const id = newId(world, 'run')
  send(world, at, '/v1/finops/workflows/start', { workflow_id: id, workflow_name: name, ...where })
  return id
}

function endRun(world: World, at: number, run: string, success: boolean): void {
  send(world, at, '/v1/finops/workflows/end', { workflow_id: run, success })
}

function call(world: World, at: number, run: string, agent: string, model: string, facts: Record<string, unknown>): string {
  const id = newId(world, 'call')
  send(world, at, '/v1/finops/calls/track', { call_id: id, workflow_id: run, agent_name: agent, model, ...facts })
  return id
}

function send(world: World, at: number, path: FleetEvent['path'], body: Record<string, unknown>): void {
  world.events.push({ at, path, body: { organization_id: ORGANIZATION, ...body, timestamp: new Date(at).toISOString() } })
}

function newId(world: World, kind: string): string {
  world.ids += 1
  return `${kind}_${world.seed}_${world.ids.toString().padStart(6, '0')}`
}

function diceOf(seed: number): (low: number, high: number) => number {
  const generator = xoroshiro128plus(seed)
  return (low, high) => uniformInt(generator, low, high)
}
