import type { Delivery } from '../records.ts'
import { attribution, keyAttribution, when } from './attribution.ts'
import { nameAmong, nameOrNew, type Organization, recorded, type World } from './world.ts'

export function sessionStarts(world: World, organization: Organization): readonly Delivery[] {
  const id = nameOrNew(world, 'session', organization.sessions, 500)
  const session = { ...attribution(world, organization, 0), id, ...when(world) }
  return [recorded(world, organization, { kind: 'session_start', session }, { keyAttribution: keyAttribution(world) })]
}

export function sessionEnds(world: World, organization: Organization): readonly Delivery[] {
  const known = world.dice.perMille(30) ? null : nameAmong(world, organization.sessions)
  const session = { id: known ?? 'session-nobody-named', ...when(world) }
  return [recorded(world, organization, { kind: 'session_end', session })]
}
