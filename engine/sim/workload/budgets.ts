import { ALL_TIME, type Millis, type Period, periodAt, picos } from '../../src/kernel/index.ts'
import { BUDGET_DIMENSIONS, type BudgetDimension, type BudgetRule, type CommandEvent } from '../../src/ledger/index.ts'
import type { Delivery } from '../records.ts'
import { nameAmong, nextName, type Organization, recorded, type World } from './world.ts'

const BUDGETS_MAX = 9

/** A budget is set: a new one, or a known one changed, now and then in what may not be changed. */
export function budgetSets(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const known = organization.budgets.length === 0 ? null : dice.pick(organization.budgets)
  if (known === null || (organization.budgets.length < BUDGETS_MAX && dice.perMille(500))) {
    return [setBudget(world, organization, newRule(world, organization))]
  }
  if (dice.perMille(120)) return [setBudget(world, organization, { ...known, ...dice.pick(FORBIDDEN) }, false)]
  if (dice.perMille(200)) return [watch(world, organization, known)]
  const allowed = { limit: limitOf(world), mode: modeOf(world), thresholds: dice.pick(THRESHOLDS), unpriced: unpricedOf(world) }
  const createdAt = world.now
  return [setBudget(world, organization, { ...known, ...allowed, name: dice.maybe(() => 'changed'), createdAt, countsFrom: createdAt })]
}

export function budgetRemovals(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const unknown = organization.budgets.length === 0 || dice.perMille(100)
  const index = unknown ? -1 : dice.below(organization.budgets.length)
  const [budget] = unknown ? [] : organization.budgets.splice(index, 1)
  const removal = { id: budget?.id ?? 'budget-nobody-set', at: world.now }
  const removed = recorded(world, organization, { kind: 'budget_remove', removal })
  return dice.perMille(250) ? [removed, removed] : [removed]
}

/** The opening is filled in when the setting goes out, from the journal as far back as it then says. */
export function setBudget(world: World, organization: Organization, rule: BudgetRule, keep = true): Delivery {
  if (keep) {
    const known = organization.budgets.findIndex(({ id }) => id === rule.id)
    organization.budgets.splice(known < 0 ? organization.budgets.length : known, known < 0 ? 0 : 1, rule)
  }
  const event: CommandEvent = { kind: 'budget_set', setting: { id: nextName(world, 'setting'), rule, opening: [], throughSeq: 0 } }
  return { ...recorded(world, organization, event), openedBack: world.dice.pick([0, 0, 0, 3, 12]) }
}

/** Somebody listens for thresholds, with an idea of the rest of the budget that may be out of date, or of one that is gone. */
function watch(world: World, organization: Organization, known: BudgetRule): Delivery {
  const { dice } = world
  const rule = { ...known, limit: limitOf(world), watched: dice.pick(WATCHED), id: dice.perMille(80) ? 'budget-nobody-set' : known.id }
  const setting = { id: nextName(world, 'setting'), rule, opening: [], throughSeq: 0, watchOnly: true as const }
  return recorded(world, organization, { kind: 'budget_set', setting })
}

const WATCHED: readonly (readonly number[])[] = [[], [60], [10, 75, 99], [1, 100]]

function newRule(world: World, organization: Organization): BudgetRule {
  const { dice, now } = world
  const dimension = dice.pick(DIMENSIONS)
  const period = dice.pick(PERIODS)
  const zone = dice.pick(ZONES)
  return {
    organization: organization.name,
    id: nextName(world, 'budget'),
    name: dice.maybe(() => 'a name'),
    dimension,
    value: dice.perMille(600) ? '*' : someValue(world, organization, dimension),
    period,
    zone,
    limit: limitOf(world),
    mode: modeOf(world),
    thresholds: dice.pick(THRESHOLDS),
    unpriced: unpricedOf(world),
    createdAt: now,
    countsFrom: beginningOf(period, now, zone),
  }
}

/** Where the period begins that a budget is created in. */
export function beginningOf(period: Period, now: Millis, zone: string): Millis {
  if (period.unit === 'total') return ALL_TIME.start
  const span = periodAt(period, now, zone)
  if (!span.ok) throw new Error(span.error.detail)
  return span.value.start
}

function limitOf({ dice }: World): BudgetRule['limit'] {
  const most = dice.pick([1n, 4n, 2_000_000_000_000n, 20_000_000_000_000n, 100_000_000_000_000n, 900_000_000_000_000_000_000n])
  return picos(dice.perMille(30) ? 0n : most + dice.bigBelow(most))
}

function modeOf({ dice }: World): BudgetRule['mode'] {
  return dice.pick(['hard', 'hard', 'hard', 'soft', 'shadow'])
}

function unpricedOf({ dice }: World): BudgetRule['unpriced'] {
  return dice.pick(['deny', 'worst_case', 'allow'])
}

function someValue(world: World, organization: Organization, dimension: BudgetDimension): string {
  if (dimension === 'organization') return organization.name
  if (dimension === 'run') return nameAmong(world, organization.runs) ?? 'run-1'
  if (dimension === 'session') return nameAmong(world, organization.sessions) ?? 'session-1'
  return world.dice.pick(['planner', 'ada', 'red', 'apollo', 'cc-1', '', 'report', 'm-large', 'openai', 'key-1', 'plan', 'prod', 'x'])
}

const DIMENSIONS: readonly BudgetDimension[] = [...BUDGET_DIMENSIONS, 'run', 'agent', 'tag:env', 'tag:region/a~b', 'tag:__proto__']

const PERIODS: readonly Period[] = [
  { unit: 'hour' },
  { unit: 'day' },
  { unit: 'day' },
  { unit: 'week' },
  { unit: 'month' },
  { unit: 'total' },
  { unit: 'rolling', lengthMs: 3_600_000 },
  { unit: 'rolling', lengthMs: 86_400_000 },
  { unit: 'rolling', lengthMs: 420_000 },
]

const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia'] as const

const THRESHOLDS: readonly (readonly number[])[] = [[], [50], [75, 90, 100], [1, 2, 100], [80]]

const FORBIDDEN: readonly Partial<BudgetRule>[] = [
  { period: { unit: 'quarter' } },
  { period: { unit: 'rolling', lengthMs: 60_000 } },
  { zone: 'Asia/Kathmandu' },
  { value: 'another' },
  { dimension: 'tag:another' },
]
