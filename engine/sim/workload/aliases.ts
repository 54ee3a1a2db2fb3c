import type { Delivery } from '../records.ts'
import { nameAmong, type Organization, recorded, type World } from './world.ts'

/** Names of answers, now and then one that another call has already. */
export function aliases(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const call = nameAmong(world, organization.calls)
  if (call === null) return []
  const id = `resp-${dice.perMille(100) ? 1 : dice.below(100_000)}`
  return [recorded(world, organization, { kind: 'call_alias', alias: { id, call, at: world.now } })]
}
