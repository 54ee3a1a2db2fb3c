import type { Millis, Picos } from '../../src/kernel/index.ts'
import type { BreakerRule, BudgetRule, Command } from '../../src/ledger/index.ts'
import type { Dice } from '../dice.ts'
import type { Delivery } from '../records.ts'

/** What the workload knows when it makes the next operation: names that were used, amounts that were answered. */
export interface World {
  readonly dice: Dice
  now: Millis
  /** Makes an id for whoever gives none. */
  readonly newId: () => string
  counter: number
  readonly organizations: readonly Organization[]
  /** Deliveries that may be repeated, the latest last. */
  readonly sent: Delivery[]
}

export interface Organization {
  readonly name: string
  readonly calls: string[]
  readonly runs: string[]
  readonly sessions: string[]
  readonly adjustments: string[]
  readonly extensions: string[]
  readonly holds: PlannedHold[]
  readonly transfers: string[]
  readonly escrows: { readonly id: string; readonly amount: Picos }[]
  /** As they were set last. */
  readonly budgets: BudgetRule[]
  readonly breakers: BreakerRule[]
  /** What each call costs by the last answer that told. */
  readonly believed: Map<string, bigint>
}

/** A hold that was asked for, granted or not. */
export interface PlannedHold {
  readonly id: string
  readonly amount: Picos | null
  readonly deadline: Millis
  readonly run: string | null
  readonly model: string
}

/** A kind of operation: how often it is chosen, and the commands it makes. One more kind is one more row in the workload's table. */
export interface OperationKind {
  readonly weight: number
  readonly make: (world: World, organization: Organization) => readonly Delivery[]
}

const START = Date.UTC(2026, 2, 28, 22, 50)

export function newWorld(dice: Dice, newId: (now: () => Millis) => () => string): World {
  const world: World = {
    dice,
    now: START,
    newId: newId(() => world.now),
    counter: 0,
    organizations: ['acme', 'globex', "o'neil; --", 'acme1:'].map((name) => ({
      name,
      calls: [],
      runs: [],
      sessions: [],
      adjustments: [],
      extensions: [],
      holds: [],
      transfers: [],
      escrows: [],
      budgets: [],
      breakers: [],
      believed: new Map(),
    })),
    sent: [],
  }
  return world
}

export function nextName(world: World, what: string): string {
  world.counter += 1
  return `${what}-${world.counter}`
}

/** One of the names used lately, mostly; now and then any of them; null when there is none. */
export function nameAmong({ dice }: World, names: readonly string[]): string | null {
  if (names.length === 0) return null
  const recent = Math.min(names.length, dice.perMille(850) ? 10 : names.length)
  return names[names.length - 1 - dice.below(recent)] ?? null
}

/** A name from the list, or a new one that is added to it. */
export function nameOrNew(world: World, what: string, names: string[], newPerMille: number): string {
  const known = world.dice.perMille(newPerMille) ? null : nameAmong(world, names)
  if (known !== null) return known
  const made = nextName(world, what)
  names.push(made)
  return made
}

export function recorded(
  world: World,
  organization: Organization,
  event: Command['event'],
  more: { readonly idGiven?: boolean; readonly keyAttribution?: NonNullable<Command['keyAttribution']> | null } = {},
): Delivery {
  const { keyAttribution = null, idGiven = true } = more
  const command: Command = {
    kind: 'record',
    organization: organization.name,
    recordedAt: world.now,
    event,
    ...(keyAttribution === null ? {} : { keyAttribution }),
  }
  return { command, idGiven }
}
