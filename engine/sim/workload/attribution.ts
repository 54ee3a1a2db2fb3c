import type { Attribution, KeyAttribution } from '../../src/ledger/index.ts'
import { nameOrNew, type Organization, type World } from './world.ts'

/** Who and what, said or not. Few values, so that everything meets everything. */
export function attribution(world: World, organization: Organization, sessionPerMille: number): Attribution {
  const { dice } = world
  const said = (values: readonly string[]): string | null => (dice.perMille(350) ? dice.pick(values) : null)
  return {
    agent: said(['planner', 'writer', 'Ünïcode 🦊']),
    user: said(['ada', 'bob', 'Robert"); DROP TABLE']),
    session: dice.perMille(sessionPerMille) ? nameOrNew(world, 'session', organization.sessions, 150) : null,
    workflow: said(['report', 'triage']),
    team: said(['red', 'blue']),
    project: said(['apollo']),
    costCenter: said(['cc-1', '']),
    action: said(['plan', 'write']),
    tags: Object.fromEntries(TAGS.filter(() => dice.perMille(150))),
  }
}

/** One name is that of every object's prototype. */
const TAGS: readonly (readonly [string, string])[] = [
  ['env', 'prod'],
  ['region/a~b', ''],
  ['__proto__', 'x'],
]

export function keyAttribution({ dice }: World): KeyAttribution | null {
  if (!dice.perMille(300)) return null
  return {
    team: dice.pick(['key-team', null]),
    project: dice.pick(['key-project', null]),
    costCenter: dice.pick(['key-cc', null]),
  }
}

const DAY_MS = 86_400_000

/** A time that the caller states, or ours when it states none. */
export function when({ dice, now }: World): { readonly at: number; readonly atGiven: boolean } {
  const atGiven = dice.perMille(500)
  return { at: atGiven ? now - DAY_MS + dice.below(DAY_MS * 2) : now, atGiven }
}
