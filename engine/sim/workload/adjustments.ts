import { picos } from '../../src/kernel/index.ts'
import type { Adjustment } from '../../src/ledger/index.ts'
import type { Delivery } from '../records.ts'
import { charge, randomAmount } from './calls.ts'
import { nameAmong, nameOrNew, type Organization, recorded, type World } from './world.ts'

/**
 * Calls are priced again. The difference is computed from what the workload believes to be posted, so two re-pricers that work at once, or
 * one that has not heard an answer, come to differences that must be refused.
 */
export function adjustments(world: World, organization: Organization): readonly Delivery[] {
  return Array.from({ length: world.dice.pick([1, 1, 3]) }, () => adjustment(world, organization))
}

function adjustment(world: World, organization: Organization): Delivery {
  const { dice } = world
  const call = (dice.perMille(950) ? nameAmong(world, organization.calls) : null) ?? 'call-nobody-made'
  const amount = dice.perMille(20) ? picos(-5n) : dice.perMille(20) ? null : randomAmount(world)
  const posted = organization.believed.get(call) ?? 0n
  const event: Adjustment = {
    id: nameOrNew(world, 'adjustment', organization.adjustments, 970),
    call,
    delta: picos((amount ?? 0n) - posted + (dice.perMille(30) ? 1n : 0n)),
    charge: charge(amount, dice.pick(['exact', 'partial']), world.now),
    reason: 'priced again',
    at: world.now,
  }
  return recorded(world, organization, { kind: 'adjustment', adjustment: event })
}
