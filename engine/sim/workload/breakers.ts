import { picos } from '../../src/kernel/index.ts'
import { type AgentChange, BREAKER_MEASURES, type BreakerRule } from '../../src/ledger/index.ts'
import type { Delivery } from '../records.ts'
import { hold } from './holds.ts'
import { nextName, type Organization, recorded, type World } from './world.ts'

const BREAKERS_MAX = 4
const AGENTS = ['planner', 'writer', 'Ünïcode 🦊'] as const

/** A breaker is set: a new one, or a known one changed, now and then in what may not be changed. */
export function breakerSets(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const known = organization.breakers.length === 0 ? null : dice.pick(organization.breakers)
  if (known === null || (organization.breakers.length < BREAKERS_MAX && dice.perMille(600))) {
    return [setBreaker(world, organization, newRule(world, organization))]
  }
  if (dice.perMille(120)) return [setBreaker(world, organization, { ...known, ...dice.pick(FORBIDDEN) }, false)]
  const { limit, action, cooldownMs } = newRule(world, organization, known.measure)
  return [setBreaker(world, organization, { ...known, limit, action, cooldownMs, createdAt: world.now })]
}

export function breakerRemovals(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const unknown = organization.breakers.length === 0 || dice.perMille(100)
  const [breaker] = unknown ? [] : organization.breakers.splice(dice.below(organization.breakers.length), 1)
  const removal = { id: breaker?.id ?? 'breaker-nobody-set', at: world.now }
  return inDoubt(world, recorded(world, organization, { kind: 'breaker_remove', removal }))
}

/** Now and then sent twice. */
function inDoubt({ dice }: World, delivery: Delivery): readonly Delivery[] {
  return dice.perMille(250) ? [delivery, delivery] : [delivery]
}

/** On time, too early, and long after. */
export function breakerSweeps(world: World, organization: Organization): readonly Delivery[] {
  const at = world.now + world.dice.pick([0, 0, -3_600_000, 60_000, 86_400_000])
  return inDoubt(world, recorded(world, organization, { kind: 'breaker_sweep', sweep: { id: nextName(world, 'sweep'), at } }))
}

/** People pause, stop and resume, mostly resume: what is stopped for long proves little. */
export function agentChanges(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const agents = dice.perMille(120) ? ['*'] : [dice.pick(AGENTS)]
  const halt = agents.map((agent) => change(world, organization, agent, dice.pick(['paused', 'stopped'])))
  const resume = ['*', ...AGENTS].map((agent) => change(world, organization, agent, 'active'))
  return dice.perMille(350) ? halt : dice.perMille(400) ? [...halt, heldBy(world, organization, agents[0] ?? null), ...resume] : resume
}

/** One call again and again by one agent, until a breaker on repetition ends it, with a breaker on calls beside it. */
export function loops(world: World, organization: Organization): readonly Delivery[] {
  const { dice, now } = world
  const fingerprint = nextName(world, 'print')
  const limit = BigInt(1 + dice.below(3))
  const measure = dice.pick(['repeats', 'calls'])
  const action = dice.pick(['throttle', 'block', 'pause'])
  const rule: BreakerRule = {
    ...newRule(world, organization, measure),
    action,
    cooldownMs: action === 'block' ? 90_000 : 0,
    dimension: 'agent',
    value: 'planner',
    limit,
    windowMs: 300_000,
    createdAt: now,
  }
  const before = organization.breakers.splice(0, organization.breakers.length < BREAKERS_MAX ? 0 : 1)
  const removals = before.map(({ id }) => recorded(world, organization, { kind: 'breaker_remove', removal: { id, at: now } }))
  const again = Array.from({ length: Number(limit) + 2 }, () =>
    hold(world, organization, { run: null, amount: picos(1n), agent: 'planner', fingerprint }),
  )
  return [...removals, setBreaker(world, organization, rule), ...again]
}

function heldBy(world: World, organization: Organization, agent: string | null): Delivery {
  return hold(world, organization, { run: null, amount: picos(1n), agent: agent === '*' ? 'writer' : agent })
}

function change(world: World, organization: Organization, agent: string, state: AgentChange['state']): Delivery {
  const { dice, now } = world
  const event = { id: nextName(world, 'change'), agent, state, reason: dice.maybe(() => 'so be it'), breaker: null, at: now }
  return recorded(world, organization, { kind: 'agent_state', change: event })
}

function setBreaker(world: World, organization: Organization, rule: BreakerRule, keep = true): Delivery {
  if (keep) {
    const known = organization.breakers.findIndex(({ id }) => id === rule.id)
    organization.breakers.splice(known < 0 ? organization.breakers.length : known, known < 0 ? 0 : 1, rule)
  }
  return recorded(world, organization, { kind: 'breaker_set', setting: { id: nextName(world, 'setting'), rule } })
}

function newRule(world: World, organization: Organization, measure = world.dice.pick(BREAKER_MEASURES)): BreakerRule {
  const { dice, now } = world
  const dimension = dice.pick(DIMENSIONS)
  const values: Readonly<Record<string, string>> = { organization: organization.name, agent: 'planner', team: 'red', model: 'm-large' }
  const action = measure === 'depth' ? 'block' : dice.pick(['throttle', 'throttle', 'block', 'pause'])
  const count = BigInt(1 + dice.below(12))
  return {
    organization: organization.name,
    id: nextName(world, 'breaker'),
    name: dice.maybe(() => 'a name'),
    dimension,
    value: dice.perMille(600) ? '*' : (values[dimension] ?? 'x'),
    measure,
    limit: measure === 'cost' ? 1n + dice.bigBelow(4_000_000_000_000n) : count,
    windowMs: measure === 'depth' ? 0 : dice.pick([1_000, 60_000, 600_000, 86_400_000]),
    action,
    cooldownMs: action === 'block' && measure !== 'depth' ? dice.pick([1_000, 90_000, 7_200_000]) : 0,
    createdAt: now,
  }
}

const DIMENSIONS = ['organization', 'agent', 'agent', 'team', 'run', 'model', 'tag:env', 'user'] as const

const FORBIDDEN: readonly Partial<BreakerRule>[] = [{ windowMs: 7_000 }, { value: 'another' }, { dimension: 'tag:another' }]
