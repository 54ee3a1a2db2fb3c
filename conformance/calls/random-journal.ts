import { picos } from '../../engine/src/kernel/index.ts'
import type { Adjustment, Attribution, CallRecord, JournalEntry, RecordEvent, Transfer } from '../../engine/src/ledger/index.ts'
import type { Charge } from '../../engine/src/pricing/index.ts'
import { type Random, seededRandom } from './seeded-random.ts'

export interface JournalShape {
  readonly seed: number
  readonly entries: number
  /** How far apart the calls lie, at most. */
  readonly spanMs?: number
}

const START = Date.UTC(2026, 9, 20, 13, 17)

/**
 * A small world's journal, made from a seed: calls, runs and sessions that start in time or late, ends, nested runs, tags, failures,
 * unpriced calls and adjustments. Few ids, so that everything meets everything.
 */
export function randomJournal({ seed, entries, spanMs = 12 * 86_400_000 }: JournalShape): JournalEntry[] {
  const random = seededRandom(seed)
  const world: World = {
    random,
    spanMs,
    calls: [],
    named: new Set(),
    called: new Set(),
    started: new Set(),
    ended: new Set(),
    adjustments: 0,
  }
  const journal: JournalEntry[] = []
  while (journal.length < entries) {
    const organization = random.pick(['acme', 'globex', "o'neil; --"])
    const made = event(world, organization)
    if (made === null) continue
    const seq = journal.length + 1
    journal.push({
      seq,
      organization,
      recordedAt: START + seq,
      event: made.event,
      transfers: transfersOf(made.event),
      ...(made.late ? { late: true as const } : {}),
    })
  }
  return journal
}

/** What the ledger moves for a call's cost or its correction. */
function transfersOf(event: RecordEvent): Transfer[] {
  if (event.kind === 'call') return moved(event.call.charge.amount ?? 0n, 'expense:openai', 'funding')
  return event.kind === 'adjustment' ? moved(event.adjustment.delta, 'expense:openai', 'funding') : []
}

function moved(amount: bigint, debit: string, credit: string): Transfer[] {
  if (amount === 0n) return []
  return amount > 0n ? [{ debit, credit, amount: picos(amount) }] : [{ debit: credit, credit: debit, amount: picos(-amount) }]
}

interface World {
  readonly random: Random
  readonly spanMs: number
  readonly calls: { readonly organization: string; readonly id: string; cost: bigint | null }[]
  /** Runs and sessions that something has mentioned, that have started, that have ended. */
  readonly named: Set<string>
  /** Runs without a start whose workflow a call has said. */
  readonly called: Set<string>
  readonly started: Set<string>
  readonly ended: Set<string>
  adjustments: number
}

function event(world: World, organization: string): { event: RecordEvent; late: boolean } | null {
  const { random } = world
  const kind = random.below(100)
  if (kind < 70) {
    const mentioned = new Set(world.named)
    const made = call(world, organization)
    return {
      event: { kind: 'call', call: made },
      late: namesRun(world, `${organization} ${made.run}`, made) && mentioned.has(`${organization} ${made.run}`),
    }
  }
  if (kind < 78) return adjustment(world, organization)
  const what = kind < 92 ? 'run' : 'session'
  const id = `${what}-${random.below(12)}`
  const key = `${organization} ${id}`
  const at = time(world)
  if (random.below(3) === 0) {
    if (world.ended.has(key)) return null
    world.ended.add(key)
    world.named.add(key)
    if (what === 'session') return { event: { kind: 'session_end', session: { id, at, atGiven: at % 4 < 2 } }, late: false }
    const success = random.below(2) === 0
    return { event: { kind: 'run_end', run: { id, at, atGiven: at % 4 < 2, success, errorCode: success ? null : 'timeout' } }, late: false }
  }
  if (world.started.has(key)) return null
  const late = world.named.has(key)
  world.started.add(key)
  world.named.add(key)
  if (what === 'session')
    return {
      event: { kind: 'session_start', session: { ...attribution(world), session: null, id, at, atGiven: at % 2 === 0 } },
      late,
    }
  const said = attribution(world)
  if (said.session !== null) world.named.add(`${organization} ${said.session}`)
  // A parent has a smaller number, so no run is its own ancestor.
  const number = Number(id.slice('run-'.length))
  const parentRun = number > 0 && random.below(2) === 0 ? `run-${random.below(number)}` : null
  if (parentRun !== null) world.named.add(`${organization} ${parentRun}`)
  return { event: { kind: 'run_start', run: { ...said, id, parentRun, at, atGiven: at % 2 === 0 } }, late }
}

function call(world: World, organization: string): CallRecord {
  const { random } = world
  const id = `call-${world.calls.length}`
  const run = random.maybe(() => `run-${random.below(12)}`)
  const said = attribution(world)
  if (run !== null) world.named.add(`${organization} ${run}`)
  if (said.session !== null) world.named.add(`${organization} ${said.session}`)
  const at = time(world)
  const priced = random.below(8) !== 0
  const cost = priced ? BigInt(random.below(2_000_000_000)) * BigInt(random.below(1_000) + 1) : null
  world.calls.push({ organization, id, cost })
  const success = random.below(6) !== 0
  const model = random.pick(['m-large', 'm-small', null])
  return {
    ...said,
    id,
    run,
    parentCall: null,
    key: random.maybe(() => 'key-1'),
    at,
    atGiven: true,
    latencyMs: random.maybe(() => random.below(9_000)),
    success,
    errorCode: success ? null : random.pick(['timeout', 'overloaded']),
    fingerprint: random.maybe(() => `print-${random.below(15)}`),
    source: random.pick(['api', 'sdk']),
    usage: {
      seller: random.pick(['openai', 'anthropic']),
      modelRequested: model,
      modelServed: null,
      at,
      inferences: [
        {
          model: model ?? 'unknown',
          kind: 'message',
          meters: {
            input: random.below(5_000),
            'input.cache_read': random.below(900),
            output: random.below(800),
            'output.reasoning': random.below(99),
          },
          evidence: { input: random.pick(['reported', 'assumed']) },
        },
      ],
      context: {},
      notes: [],
      outcome: { ok: true },
    },
    charge: charge(cost, priced ? random.pick(['exact', 'estimated', 'attested']) : 'unpriced', at),
  }
}

/** Whether the call is the first to say the workflow of a run that has not started. */
function namesRun({ called, started }: World, key: string, { run, workflow }: CallRecord): boolean {
  if (run === null || workflow === null || started.has(key) || called.has(key)) return false
  called.add(key)
  return true
}

function adjustment(world: World, organization: string): { event: RecordEvent; late: boolean } | null {
  const { random } = world
  const own = world.calls.filter((known) => known.organization === organization)
  if (own.length === 0) return null
  const target = random.pick(own)
  const amount = BigInt(random.below(2_000_000_000))
  const delta = picos(amount - (target.cost ?? 0n))
  target.cost = amount
  world.adjustments += 1
  const correction: Adjustment = {
    id: `adjustment-${world.adjustments}`,
    call: target.id,
    delta,
    charge: charge(amount, random.pick(['exact', 'partial']), START),
    reason: 're-priced',
    at: START,
  }
  return { event: { kind: 'adjustment', adjustment: correction }, late: false }
}

function attribution({ random }: World): Attribution {
  return {
    agent: random.maybe(() => random.pick(['planner', 'writer', 'Ünïcode 🦊'])),
    user: random.maybe(() => `user-${random.below(5)}`),
    session: random.maybe(() => `session-${random.below(8)}`),
    workflow: random.maybe(() => random.pick(['report', 'triage'])),
    team: random.maybe(() => random.pick(['red', 'blue'])),
    project: random.maybe(() => 'apollo'),
    costCenter: random.maybe(() => 'cc-1'),
    action: random.maybe(() => random.pick(['plan', 'write'])),
    tags: random.pick([{}, {}, { env: 'prod' }, { env: 'dev', region: 'eu' }, { region: '' }]),
  }
}

function charge(amount: bigint | null, status: Charge['status'], knownAt: number): Charge {
  return { status, amount: amount === null ? null : picos(amount), lines: [], unpriced: [], alternatives: [], notes: [], knownAt }
}

function time({ random, spanMs }: World): number {
  return START + random.below(spanMs)
}
