import { uuidv7Source } from '../../src/kernel/index.ts'
import type { Command } from '../../src/ledger/index.ts'
import { diceOf } from '../dice.ts'
import type { Delivery, Parcel, Settled, Step } from '../records.ts'
import { adjustments } from './adjustments.ts'
import { aliases } from './aliases.ts'
import { agentChanges, breakerRemovals, breakerSets, breakerSweeps, loops } from './breakers.ts'
import { budgetRemovals, budgetSets } from './budgets.ts'
import { calls } from './calls.ts'
import { expiries, extensions, holds, hotHolds, lateBelow, settlements, voids } from './holds.ts'
import { repeats, resent } from './repeats.ts'
import { deepRuns, runEnds, runStarts } from './runs.ts'
import { sessionEnds, sessionStarts } from './sessions.ts'
import { escrowEnds, escrowOpenings, purchases, walletOpenings, walletTransfers } from './wallets.ts'
import { newWorld, type OperationKind, type World } from './world.ts'

/** A stream of steps from a seed. It hears the answers, because a caller who hears none sends again. */
export interface Workload {
  next(): Step
  /** The next step that only delivers what is left, in small parcels; null when nothing is. */
  drain(): Step | null
  hear(settled: readonly Settled[]): void
}

/** What can be asked of the ledger. A new command is one more row. */
const OPERATIONS: readonly OperationKind[] = [
  { weight: 520, make: calls },
  { weight: 110, make: runStarts },
  { weight: 4, make: deepRuns },
  { weight: 60, make: runEnds },
  { weight: 60, make: sessionStarts },
  { weight: 30, make: sessionEnds },
  { weight: 110, make: adjustments },
  { weight: 25, make: aliases },
  { weight: 110, make: repeats },
  { weight: 45, make: budgetSets },
  { weight: 14, make: budgetRemovals },
  { weight: 140, make: holds },
  { weight: 25, make: hotHolds },
  { weight: 8, make: lateBelow },
  { weight: 190, make: settlements },
  { weight: 50, make: extensions },
  { weight: 30, make: voids },
  { weight: 60, make: expiries },
  { weight: 25, make: breakerSets },
  { weight: 16, make: breakerRemovals },
  { weight: 20, make: breakerSweeps },
  { weight: 35, make: agentChanges },
  { weight: 45, make: loops },
  { weight: 10, make: walletOpenings },
  { weight: 60, make: walletTransfers },
  { weight: 30, make: purchases },
  { weight: 30, make: escrowOpenings },
  { weight: 45, make: escrowEnds },
]

const DAY_MS = 86_400_000
const SENT_KEPT = 400

export function workload(seed: number): Workload {
  const dice = diceOf(seed, 'workload')
  const bytes = diceOf(seed, 'ids')
  const world = newWorld(dice, (now) => uuidv7Source(now, (count) => bytes.bytes(count)))
  /** What is on its way: not sent yet, or sent without an answer. */
  const outbox: Delivery[] = []
  return {
    next: () => nextStep(world, outbox),
    drain: () => (outbox.length === 0 ? null : { kind: 'deliver', parcels: parcels(world, takeRandom(world, outbox, 40), 5) }),
    hear: (settled) => {
      for (const each of settled) hear(world, outbox, each)
    },
  }
}

function nextStep(world: World, outbox: Delivery[]): Step {
  const { dice } = world
  world.now += dice.below(30_000)
  const roll = dice.below(1_000)
  if (roll < 30) {
    const byMs = dice.pick([-1, 1]) * dice.below(dice.pick([2_000, DAY_MS, 40 * DAY_MS]))
    world.now += byMs
    return { kind: 'clock', byMs }
  }
  if (roll < 50) return { kind: 'restart' }
  for (let operations = dice.pick([1, 1, 2, 4]); operations > 0; operations--) {
    outbox.push(...dice.weighted(OPERATIONS).make(world, dice.pick(world.organizations)))
  }
  // Some of it stays, and goes after what comes later.
  const count = outbox.length < 60 ? dice.below(outbox.length + 1) : outbox.length - 30
  return { kind: 'deliver', parcels: parcels(world, takeRandom(world, outbox, count), dice.pick([1, 4, 20, 60])) }
}

/** Takes some, mostly in order, some out of it. */
function takeRandom({ dice }: World, outbox: Delivery[], count: number): Delivery[] {
  const taken: Delivery[] = []
  while (taken.length < count && outbox.length > 0) {
    const index = dice.perMille(700) ? 0 : dice.below(Math.min(outbox.length, 20))
    taken.push(...outbox.splice(index, 1))
  }
  return taken
}

function parcels(world: World, deliveries: readonly Delivery[], sizeMax: number): Parcel[] {
  const { dice, sent } = world
  sent.push(...deliveries)
  sent.splice(0, Math.max(0, sent.length - SENT_KEPT))
  const made: Parcel[] = []
  for (let from = 0; from < deliveries.length; ) {
    const size = 1 + dice.below(sizeMax)
    made.push({ deliveries: deliveries.slice(from, from + size), thenPause: dice.perMille(300) })
    from += size
  }
  return made
}

/** Learns from an answer; without one, or asked to try again, the caller does. */
function hear(world: World, outbox: Delivery[], { delivery, answer }: Settled): void {
  if (answer === null || (!answer.ok && (answer.error.code === 'unavailable' || answer.error.code === 'overloaded'))) {
    // Whoever tries again to set a budget has read the journal anew: what was refused because it was behind would be refused for ever.
    const again = { ...resent(world, delivery), openedBack: 0 }
    outbox.push(delivery.idGiven ? again : { ...again, command: withNewId(world, again.command) })
    return
  }
  const organization = world.organizations.find(({ name }) => name === delivery.command.organization)
  const { event } = delivery.command
  if (!answer.ok) {
    const posted = answer.error.facts?.posted
    if (event.kind === 'adjustment' && typeof posted === 'string') organization?.believed.set(event.adjustment.call, BigInt(posted))
    return
  }
  if (answer.value.replayed) return
  if (event.kind === 'call') organization?.believed.set(event.call.id, event.call.charge.amount ?? 0n)
  if (event.kind === 'adjustment') organization?.believed.set(event.adjustment.call, event.adjustment.charge.amount ?? 0n)
}

function withNewId(world: World, command: Command): Command {
  const { event } = command
  return event.kind === 'call' ? { ...command, event: { kind: 'call', call: { ...event.call, id: world.newId() } } } : command
}
