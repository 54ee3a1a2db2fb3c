import type { Delivery } from '../records.ts'
import { nameAmong, nextName, type Organization, recorded, type World } from './world.ts'

/** Names that providers give to answers: new, known, or one that somebody will report as a call of its own. */
export function aliases(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const call = nameAmong(world, organization.calls)
  if (call === null) return []
  const id = dice.perMille(300) ? nextName(world, 'call') : `answer-${dice.below(500)}`
  if (id.startsWith('call')) organization.calls.push(id)
  return [recorded(world, organization, { kind: 'call_alias', alias: { id, call, at: world.now } })]
}
