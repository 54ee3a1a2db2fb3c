import { ALL_TIME, type Picos, picos } from '../../src/kernel/index.ts'
import type { BudgetRule, HoldExtension, HoldRequest } from '../../src/ledger/index.ts'
import type { Delivery } from '../records.ts'
import { attribution, keyAttribution } from './attribution.ts'
import { beginningOf, setBudget } from './budgets.ts'
import { callFor, charge, randomAmount } from './calls.ts'
import { nameAmong, nameOrNew, nextName, type Organization, type PlannedHold, recorded, type World } from './world.ts'

/** Money is held for calls that are about to be made. */
export function holds(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const run = dice.maybe(() => nameOrNew(world, 'run', organization.runs, 200))
  return Array.from({ length: dice.pick([1, 1, 2, 4]) }, () => hold(world, organization, { run, amount: worstCase(world) }))
}

/** Many holds at once on one budget, which come to its limit, to a pico below it and above it; then its limit may be changed. */
export function hotHolds(world: World, organization: Organization): readonly Delivery[] {
  const { dice, now } = world
  const hot = nextName(world, 'hot')
  const part = 1n + dice.bigBelow(2_000_000_000_000n)
  const period = dice.pick([{ unit: 'day' }, { unit: 'total' }, { unit: 'rolling', lengthMs: 7_200_000 }] as const)
  const rule: BudgetRule = {
    ...{ organization: organization.name, id: nextName(world, 'budget'), name: hot, dimension: 'tag:hot', value: hot, period, zone: 'UTC' },
    ...{ limit: picos(part * 4n), mode: 'hard', thresholds: [75, 90, 100], unpriced: dice.pick(['deny', 'worst_case']) },
    ...{ createdAt: now, countsFrom: beginningOf(period, now, 'UTC') },
  }
  // The newest of the hot budgets only: each is asked of every call.
  const before = organization.budgets.findIndex(({ dimension }) => dimension === rule.dimension)
  const removed = before < 0 ? [] : organization.budgets.splice(before, 1)
  const removals = removed.map(({ id }) => recorded(world, organization, { kind: 'budget_remove', removal: { id, at: now } }))
  const amounts = [part, part + 1n, part, part - 1n, part, part, 2n, 1n, 1n]
  const ask = (amount: bigint) => hold(world, organization, { run: null, amount: picos(amount), tags: { hot }, fallback: picos(part) })
  const set = setBudget(world, organization, rule)
  // What has refused is raised, lowered or neither, and refuses again.
  const change = (by: bigint) => [setBudget(world, organization, { ...rule, limit: picos(part * 4n + by) }), ask(part * 9n), ask(part * 9n)]
  const changed = dice.perMille(400) ? [...change(dice.pick([-1n, 0n, 1n])), ...change(dice.pick([-1n, 0n, 1n]))] : []
  return [...removals, set, ...amounts.map(ask), ...changed]
}

/** A run is hung below another, which has a budget, after its calls were posted; then they are corrected: to nothing, and to more. */
export function lateBelow(world: World, organization: Organization): readonly Delivery[] {
  const { dice, now } = world
  const [above, below, id] = [nextName(world, 'run'), nextName(world, 'run'), nextName(world, 'call')]
  organization.calls.push(id)
  const amount = picos(1n + dice.bigBelow(1_000_000_000_000n))
  const corrected = picos(dice.pick([0n, amount * 2n]))
  const rule: BudgetRule = {
    ...{
      organization: organization.name,
      id: nextName(world, 'budget'),
      name: null,
      dimension: 'run',
      value: above,
      period: { unit: 'total' },
    },
    ...{ zone: 'UTC', limit: amount, mode: 'hard', thresholds: [50, 100], unpriced: 'deny', createdAt: now, countsFrom: ALL_TIME.start },
  }
  const correction = {
    id: nextName(world, 'adjustment'),
    call: id,
    delta: picos(corrected - amount),
    charge: charge(corrected, 'exact', now),
  }
  const run = { ...NOTHING_SAID, id: below, parentRun: above, at: now, atGiven: false }
  return [
    setBudget(world, organization, rule),
    callFor(world, organization, { id, run: below, amount, model: 'm-large', parentCall: null }),
    recorded(world, organization, { kind: 'run_start', run }),
    recorded(world, organization, { kind: 'adjustment', adjustment: { ...correction, reason: 'priced again', at: now } }),
    hold(world, organization, { run: dice.pick([above, below]), amount: picos(dice.pick([amount, amount + 1n])) }),
  ]
}

/** Calls that were held for are posted: within what was held, for all of it, above it, unpriced; in time, late or again. */
export function settlements(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const planned = plannedAmong(world, organization)
  if (planned === null) return []
  const { id, amount, model } = planned
  const most = amount ?? randomAmount(world)
  const cost = dice.pick([0n, most / 2n, most - (most === 0n ? 0n : 1n), most, most, most + 1n, most * 2n, null])
  const run = dice.pick([null, null, planned.run, nameAmong(world, organization.runs)])
  const said = dice.perMille(700) ? NOTHING_SAID : {}
  const settle = (): Delivery => callFor(world, organization, { id, run, amount: cost === null ? null : picos(cost), model, ...said })
  return dice.perMille(100) ? [settle(), settle()] : [settle()]
}

export function extensions(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const { id: call, amount } = plannedAmong(world, organization) ?? { id: 'call-nobody-held-for', amount: null }
  const least = amount ?? 0n
  const extension: HoldExtension = {
    id: nameOrNew(world, 'extension', organization.extensions, 950),
    call,
    deadline: world.now + dice.below(900_000) - 100_000,
    amount: dice.maybe(() => picos(dice.pick([least, least + 1n, least / 2n, least * 2n, 0n]))),
    at: world.now,
    fallback: dice.perMille(150) ? worstCase(world) : null,
    meters: dice.maybe(() => ({ input: dice.below(5_000), output: dice.below(2_000) })),
  }
  return [recorded(world, organization, { kind: 'hold_extend', extension: { ...extension, held: [] } })]
}

export function voids(world: World, organization: Organization): readonly Delivery[] {
  const { dice, now } = world
  const { id } = plannedAmong(world, organization) ?? { id: 'call-nobody-held-for' }
  const release = { id, at: now, reason: dice.maybe(() => 'changed my mind') }
  const given = recorded(world, organization, { kind: 'hold_void', release })
  return dice.perMille(250) ? [given, given] : [given]
}

/** At the deadline to the millisecond, before it, long after it; some that were given up by then, some that were kept longer. */
export function expiries(world: World, organization: Organization): readonly Delivery[] {
  const { id, deadline } = plannedAmong(world, organization) ?? { id: 'call-nobody-held-for', deadline: 0 }
  const at = world.dice.pick([world.now, deadline, deadline - 1, deadline + 900_000])
  return [recorded(world, organization, { kind: 'hold_expire', release: { id, at, reason: null } })]
}

export function hold(
  world: World,
  organization: Organization,
  more: Pick<HoldRequest, 'run' | 'amount'> & Partial<Pick<HoldRequest, 'tags' | 'fallback' | 'agent' | 'fingerprint'>>,
): Delivery {
  const { dice, now } = world
  const used = dice.perMille(30) ? nameAmong(world, organization.calls) : null
  const id = used ?? nextName(world, 'call')
  if (used === null) organization.calls.push(id)
  const request: HoldRequest = {
    ...attribution(world, organization, 200),
    id,
    key: dice.maybe(() => 'key-1'),
    model: dice.pick(['m-large', 'm-small']),
    seller: dice.pick(['openai', 'anthropic']),
    meters: { input: dice.below(5_000), output: dice.below(800) },
    asked: { input_tokens: dice.below(5_000), max_tokens: dice.below(800) },
    at: now,
    deadline: now + 1 + dice.below(600_000),
    fingerprint: dice.maybe(() => `print-${dice.below(15)}`),
    fallback: more.amount === null ? dice.maybe(() => worstCase(world)) : null,
    tier: dice.pick([null, null, 'priority']),
    region: dice.pick([null, null, 'eu']),
    ...more,
  }
  organization.holds.push({ id, amount: request.amount, deadline: request.deadline, run: request.run, model: request.model })
  const event = { kind: 'hold', hold: { ...request, held: [] } } as const
  const { command, ...delivery } = recorded(world, organization, event, { keyAttribution: keyAttribution(world) })
  // Some will ask for less at once when this is refused.
  return { ...delivery, command: dice.perMille(250) ? { ...command, provisional: true } : command }
}

function worstCase(world: World): Picos | null {
  const { dice } = world
  if (dice.perMille(120)) return null
  return dice.perMille(800) ? picos(dice.bigBelow(1_000_000_000_000n)) : randomAmount(world)
}

function plannedAmong({ dice }: World, { holds: planned }: Organization): PlannedHold | null {
  if (planned.length === 0 || dice.perMille(20)) return null
  const recent = Math.min(planned.length, dice.perMille(850) ? 15 : planned.length)
  return planned[planned.length - 1 - dice.below(recent)] ?? null
}

const NOTHING_SAID = {
  ...{ agent: null, user: null, session: null, workflow: null, team: null, project: null, costCenter: null, action: null, tags: {} },
} as const
