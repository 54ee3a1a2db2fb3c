import { type Picos, picos } from '../../src/kernel/index.ts'
import type { CallRecord } from '../../src/ledger/index.ts'
import type { Charge } from '../../src/pricing/index.ts'
import type { Usage } from '../../src/usage/index.ts'
import type { Delivery } from '../records.ts'
import { attribution, keyAttribution, when } from './attribution.ts'
import { nameAmong, nameOrNew, nextName, type Organization, recorded, type World } from './world.ts'

/** One call, or several of one run: with an id of the caller's or without, priced, unpriced or attested, well or badly formed. */
export function calls(world: World, organization: Organization): readonly Delivery[] {
  const run = world.dice.maybe(() => nameOrNew(world, 'run', organization.runs, 250))
  return Array.from({ length: world.dice.pick([1, 1, 2, 4]) }, () => call(world, organization, run))
}

function call(world: World, organization: Organization, run: string | null): Delivery {
  const { dice } = world
  const idGiven = dice.perMille(700)
  const id = idGiven ? callId(world, organization) : world.newId()
  organization.calls.push(id)
  const { at, atGiven } = when(world)
  const usage = usageOf(world, at)
  const success = dice.perMille(850)
  const record: CallRecord = {
    ...attribution(world, organization, 300),
    id,
    run,
    parentCall: dice.perMille(20) ? id : dice.maybe(() => nameAmong(world, organization.calls)),
    key: dice.maybe(() => 'key-1'),
    at,
    atGiven,
    latencyMs: dice.maybe(() => dice.below(9_000)),
    success,
    errorCode: success ? null : dice.pick(['timeout', 'overloaded', null]),
    fingerprint: dice.maybe(() => `print-${dice.below(15)}`),
    source: dice.pick(['api', 'sdk']),
    usage,
    charge: chargeOf(world, usage),
  }
  return recorded(world, organization, { kind: 'call', call: record }, { idGiven, keyAttribution: keyAttribution(world) })
}

/** The call that something was held for, as it says itself, with what is known of it. */
export function callFor(
  world: World,
  organization: Organization,
  {
    amount,
    model,
    ...said
  }: Pick<CallRecord, 'id' | 'run'> & Partial<CallRecord> & { readonly amount: Picos | null; readonly model: string },
): Delivery {
  const made = call(world, organization, said.run)
  const { event } = made.command
  if (event.kind !== 'call') return made
  const { usage, ...record } = event.call
  const { attested: _, ...plain } = usage
  const priced = charge(amount, amount === null ? 'unpriced' : 'exact', world.now)
  const settled = { ...record, ...said, usage: { ...plain, modelRequested: world.dice.perMille(900) ? model : 'm-other' }, charge: priced }
  return { idGiven: true, command: { ...made.command, event: { kind: 'call', call: settled } } }
}

/** Mostly new; now and then one that was used, here or in another organization. */
function callId(world: World, { calls: own }: Organization): string {
  const { dice } = world
  if (dice.perMille(950)) return nextName(world, 'call')
  return nameAmong(world, dice.pick([own, dice.pick(world.organizations).calls])) ?? nextName(world, 'call')
}

function usageOf({ dice }: World, at: number): Usage {
  const model = dice.pick(['m-large', 'm-small', null])
  const attested = dice.perMille(120)
  return {
    seller: dice.pick(['openai', 'anthropic', 'openrouter']),
    modelRequested: model,
    modelServed: dice.pick([null, 'm-large-0301']),
    at,
    inferences: [
      {
        model: model ?? 'unknown',
        kind: 'message',
        meters: { input: dice.below(5_000), 'input.cache_read': dice.below(900), output: dice.below(800) },
        evidence: { input: dice.pick(['reported', 'assumed']) },
      },
    ],
    context: dice.pick([{}, { tier: 'batch' }]),
    ...(attested ? { attested: { amount: `0.${1 + dice.below(999)}`, currency: 'USD', by: 'openrouter usage.cost' } } : {}),
    notes: [],
    outcome: { ok: true },
  }
}

/** The ledger takes whatever amount pricing gives, so the amounts here owe nothing to the usage. */
function chargeOf(world: World, usage: Usage): Charge {
  const { dice } = world
  if (usage.attested !== undefined) {
    const amount = randomAmount(world)
    return { ...charge(amount, 'attested', world.now), attested: { amount, by: usage.attested.by, computed: null, variance: null } }
  }
  if (dice.perMille(120)) return charge(null, 'unpriced', world.now)
  return charge(dice.perMille(15) ? picos(-1n) : randomAmount(world), dice.pick(['exact', 'exact', 'estimated', 'partial']), world.now)
}

/** Nothing, one pico, something usual, or so much that sums soon need more than 64 bits. */
export function randomAmount({ dice }: World): Picos {
  const roll = dice.below(100)
  if (roll < 5) return picos(0n)
  if (roll < 15) return picos(1n + dice.bigBelow(3n))
  return picos(dice.bigBelow(roll < 95 ? 3_000_000_000_000n : 999_999_000_000_000_000n))
}

export function charge(amount: Picos | null, status: Charge['status'], knownAt: number): Charge {
  const unpriced = amount === null ? [{ inference: 0, model: 'm', meter: 'input' as const, quantity: 1, reason: 'no_card' as const }] : []
  return { status, amount, lines: [], unpriced, alternatives: [], notes: [], knownAt }
}
