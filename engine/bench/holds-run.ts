import type { CallStore } from '../src/calls/index.ts'
import type { CommandEvent, Committer, Decision, LedgerStore } from '../src/ledger/index.ts'
import { holdEvent, recordOf, sampleCall } from '../src/ledger/sample.ts'
import type { Invoke } from '../src/operations/index.ts'
import { built } from './built.ts'
import { atLeast, atMost, type Measurement, median, ratioOf, rounded, under } from './section.ts'

type Assemble = typeof import('../src/assemble.ts')
type Operations = typeof import('../src/operations/index.ts')
type Ledger = typeof import('../src/ledger/index.ts')

/** An empty ledger for one run. */
export interface Place {
  /** The data folder, and the database where the ledger is not in the folder. */
  readonly data: string
  readonly databaseUrl: string | null
  /** Writes the rows that transactions left once more, somewhere empty: one commit for each. `calls` is how many calls they are. */
  bulk(batches: readonly Decision['changes'][], calls: number): Promise<Bulk>
  remove(): Promise<void>
}

/** What a store could do at most. */
export interface Bulk {
  readonly perSecond: number
  readonly commitMs: number
  readonly cpuMicros: number
}

export interface HoldPlan {
  readonly newPlace: () => Promise<Place>
  readonly pairs: number
  /** With one command to a transaction, which takes longer. */
  readonly naivePairs: number
  readonly rounds: number
  /** Whose processor time is counted, where it is not all of it. */
  readonly cpuOf?: string
}

export const CALLERS = 256
const AGENTS = 50

/** What a call touches beside the wallet of its agent. */
type Touches = readonly { readonly dimension: string; readonly period: string }[]
export const HOT: Touches = [
  { dimension: 'organization', period: 'month' },
  { dimension: 'agent', period: 'day' },
  { dimension: 'team', period: 'month' },
  { dimension: 'user', period: 'day' },
]
/** As many budgets, and none that every call is counted in. */
const SPREAD: Touches = [{ dimension: 'project', period: 'month' }, ...HOT.slice(1)]

/**
 * Authorizing and settling calls, for each the worst case held in a wallet and four budgets, beside what the same rows cost the store; medians of some
 * rounds.
 */
export async function benchHeld({ newPlace, pairs, naivePairs, rounds, cpuOf = '' }: HoldPlan): Promise<Measurement[]> {
  const run = { newPlace, pairs }
  const taken: { hot: Run; spread: Run; commands: Run; bulk: Run['bulk'] }[] = []
  for (let round = 0; round < rounds; round += 1) {
    const first = await authorizeAndSettle({ ...run, touches: round % 2 === 0 ? SPREAD : HOT, through: 'operations' })
    const second = await authorizeAndSettle({ ...run, touches: round % 2 === 0 ? HOT : SPREAD, through: 'operations' })
    taken.push({
      // In turn, one right after the other: neither is always taken by a colder program or a busier machine.
      ...(round % 2 === 0 ? { hot: second, spread: first } : { hot: first, spread: second }),
      bulk: (await authorizeAndSettle({ ...run, touches: HOT, through: 'ledger', bulk: true })).bulk,
      commands: await authorizeAndSettle({ ...run, touches: HOT, through: 'ledger' }),
    })
  }
  const naive = await authorizeAndSettle({ newPlace, touches: HOT, pairs: naivePairs, through: 'operations', commandsPerBatchMax: 1 })
  const middle = (of: (round: (typeof taken)[number]) => number): number => median(taken.map(of))
  const [ours, commitMs] = [middle(({ hot }) => hot.perSecond), middle(({ bulk }) => bulk.commitMs)]
  const inBulk = { beside: middle(({ bulk }) => bulk.perSecond), unit: 'calls/s', besideWhat: 'the same rows in bulk' }
  return [
    atLeast('authorize and settle a call: a wallet and four budgets, one of them hot', { ours, ...inBulk }, 0.25),
    ratioOf('the commands of the ledger alone, nothing checked, estimated, priced or answered', {
      ours: middle(({ commands }) => commands.perSecond),
      ...inBulk,
    }),
    ratioOf(`processor time of a call${cpuOf}`, {
      ours: middle(({ hot }) => hot.cpuMicros),
      beside: middle(({ bulk }) => bulk.cpuMicros),
      unit: 'µs',
      besideWhat: 'the same rows in bulk',
    }),
    ratioOf('a transaction and fsync for each command', { ours: naive.perSecond, beside: ours, unit: 'calls/s', besideWhat: 'in batches' }),
    under(
      'p99 of authorize',
      middle(({ hot }) => hot.authorizeP99Ms),
      10 * commitMs,
      'ms',
      `${rounded(commitMs)} ms (the store commits a batch in bulk)`,
    ),
    under(
      'p99 of settle',
      middle(({ hot }) => hot.settleP99Ms),
      10 * commitMs,
      'ms',
    ),
    atMost(
      'time with one hot budget',
      { ours: 1e6 / ours, beside: 1e6 / middle(({ spread }) => spread.perSecond), unit: 'µs', besideWhat: 'four spread ones' },
      1.3,
    ),
    ratioOf(`processor time with one hot budget${cpuOf}`, {
      ours: middle(({ hot }) => hot.cpuMicros),
      beside: middle(({ spread }) => spread.cpuMicros),
      unit: 'µs',
      besideWhat: 'four spread ones',
    }),
  ]
}

interface Run {
  readonly perSecond: number
  /** Processor time of the process per call, both sides: what other programs on the machine do moves it least. */
  readonly cpuMicros: number
  readonly authorizeP99Ms: number
  readonly settleP99Ms: number
  readonly bulk: Bulk
}

/** How a call is asked for: by the commands of the ledger, or by the operations that every door uses. */
type Through = 'ledger' | 'operations'

interface Plan {
  readonly newPlace: () => Promise<Place>
  readonly touches: Touches
  readonly pairs: number
  readonly through: Through
  readonly commandsPerBatchMax?: number
  /** Instead of the time, the rows are what is wanted: keeping them all slows a run down. */
  readonly bulk?: true
}

async function authorizeAndSettle({ newPlace, touches, pairs, through, commandsPerBatchMax = CALLERS, bulk }: Plan): Promise<Run> {
  const [{ assemble }, { createInvoke }, { committer }] = await Promise.all([
    built<Assemble>('assemble'),
    built<Operations>('operations/index'),
    built<Ledger>('ledger/index'),
  ])
  const place = await newPlace()
  const { data, databaseUrl } = place
  const engine = await assemble({ data, databaseUrl, version: 'bench', auth: 'local', openCalls: async () => NO_CALLS })
  const { ledger } = engine.services
  const batches: Decision['changes'][] = []
  const door = committer(bulk === true ? recording(ledger, batches) : ledger, {
    head: await ledger.head(),
    limits: { commandsPerBatchMax, commandsWaitingMax: 20_000 },
  })
  const invoke = createInvoke({ ...engine.services, committer: door })
  for (const budget of touches) await asked(invoke, 'set_budget', { ...budget, organization_id: 'org', limit_usd: '1000000' })
  for (let agent = 0; agent < AGENTS; agent += 1) {
    await asked(invoke, 'open_wallet', { organization_id: 'org', agent_name: `agent-${agent}`, opening_usd: '100000' })
  }
  const acts = through === 'ledger' ? byCommands(door) : byOperations(invoke)
  await drive(acts, Math.min(pairs, 2_000), 'warm')
  batches.splice(0)
  const before = await ledger.head()
  const cpu = process.cpuUsage()
  const { ms, authorized, settled } = await drive(acts, pairs, 'c')
  const { user, system } = process.cpuUsage(cpu)
  if ((await ledger.head()) !== before + 2 * pairs) throw new Error('not every call was held and posted')
  await door.close()
  await engine.close()
  const written = bulk === true ? await place.bulk(batches, pairs) : NO_BULK
  await place.remove()
  return {
    perSecond: (pairs / ms) * 1000,
    cpuMicros: (user + system) / pairs,
    authorizeP99Ms: p99(authorized),
    settleP99Ms: p99(settled),
    bulk: written,
  }
}

const NO_BULK = { perSecond: Number.NaN, commitMs: Number.NaN, cpuMicros: Number.NaN }

interface Acts {
  authorize(id: string, at: number): Promise<void>
  settle(id: string, at: number): Promise<void>
}

function whoOf(at: number) {
  return { agent: `agent-${at % AGENTS}`, team: `team-${at % 20}`, user: `user-${at % 500}`, project: `project-${at % 40}` }
}

function byOperations(invoke: Invoke): Acts {
  const said = (call_id: string, at: number) => {
    const { agent, user, ...who } = whoOf(at)
    return { ...{ organization_id: 'org', call_id, model: 'gpt-4o', input_tokens: 4_000, agent_name: agent, user_id: user }, ...who }
  }
  return {
    authorize: (id, at) => asked(invoke, 'authorize_call', { ...said(id, at), max_output_tokens: 800 }),
    settle: (id, at) => asked(invoke, 'settle_call', { ...said(id, at), output_tokens: 300 + (at % 400) }),
  }
}

function byCommands(door: Committer): Acts {
  const posted = async (event: CommandEvent): Promise<void> => {
    const outcome = await door.submit(recordOf('org', event))
    if (!outcome.ok) throw new Error(outcome.error.detail)
  }
  const now = Date.now()
  return {
    authorize: (id, at) => posted(holdEvent({ ...whoOf(at), id, at: now, deadline: now + 600_000 })),
    settle: (id, at) => posted({ kind: 'call', call: sampleCall({ ...whoOf(at), id, at: now }) }),
  }
}

/** Keeps what each transaction changed. */
function recording(store: LedgerStore, batches: Decision['changes'][]): LedgerStore {
  return {
    ...store,
    async transact(rows, decide) {
      const decision = await store.transact(rows, decide)
      if (decision.changes.entries.length > 0) batches.push(decision.changes)
      return decision
    },
  }
}

async function drive(acts: Acts, pairs: number, prefix: string): Promise<{ ms: number; authorized: number[]; settled: number[] }> {
  const authorized: number[] = []
  const settled: number[] = []
  let next = 0
  const caller = async (): Promise<void> => {
    for (let at = next++; at < pairs; at = next++) {
      const began = performance.now()
      await acts.authorize(`${prefix}-${at}`, at)
      const between = performance.now()
      await acts.settle(`${prefix}-${at}`, at)
      authorized.push(between - began)
      settled.push(performance.now() - between)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return { ms: performance.now() - began, authorized, settled }
}

async function asked(invoke: Invoke, operation: string, input: unknown): Promise<void> {
  const answer = await invoke(operation, input)
  if (!answer.ok) throw new Error(`${operation}: ${answer.error.detail}`)
}

function p99(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN
}

/** Analytics are measured elsewhere. */
const NO_CALLS = { notify: () => {}, close: async () => {} } as Partial<CallStore> as CallStore
