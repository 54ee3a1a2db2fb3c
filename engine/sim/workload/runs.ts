import type { RunStart } from '../../src/ledger/index.ts'
import type { Delivery } from '../records.ts'
import { attribution, keyAttribution, when } from './attribution.ts'
import { nameAmong, nameOrNew, nextName, type Organization, recorded, type World } from './world.ts'

/** A run starts: a new one, or one that calls or other runs have named before. */
export function runStarts(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const id = nameOrNew(world, 'run', organization.runs, 350)
  const parentRun = dice.perMille(20) ? id : dice.maybe(() => nameOrNew(world, 'run', organization.runs, 100))
  return [runStart(world, organization, id, parentRun)]
}

/** Runs below runs, so deep that the ledger has to refuse the last of them when they come in order. */
export function deepRuns(world: World, organization: Organization): readonly Delivery[] {
  const deliveries: Delivery[] = []
  let parentRun: string | null = null
  for (let depth = 0; depth < 67; depth++) {
    const id = nextName(world, 'run')
    organization.runs.push(id)
    deliveries.push(runStart(world, organization, id, parentRun))
    parentRun = id
  }
  return deliveries
}

export function runEnds(world: World, organization: Organization): readonly Delivery[] {
  const { dice } = world
  const id = nameAmong(world, organization.runs) ?? 'run-nobody-named'
  const success = dice.perMille(800)
  const errorCode = success ? null : dice.pick(['timeout', null])
  const ended = dice.perMille(30) ? 'run-nobody-named' : id
  return [recorded(world, organization, { kind: 'run_end', run: { id: ended, ...when(world), success, errorCode } })]
}

function runStart(world: World, organization: Organization, id: string, parentRun: string | null): Delivery {
  const run: RunStart = { ...attribution(world, organization, 200), id, parentRun, ...when(world) }
  return recorded(world, organization, { kind: 'run_start', run }, { keyAttribution: keyAttribution(world) })
}
