import type { AgentChange, BreakerRemoval, BreakerSetting, BreakerSweep, Command } from '../../src/ledger/index.ts'
import { type Books, nameOf } from './books.ts'
import {
  type Breaker,
  breakersOf,
  endFor,
  factsOfBreaker,
  firstRoom,
  keepSeen,
  type Seen,
  see,
  seenOf,
  sumAt,
  type Trip,
  thingsOf,
  timeFor,
  type Watched,
} from './breaker-books.ts'
import type { LiveHold } from './budget-books.ts'
import type { Outcome, Refused } from './outcome.ts'

export function ruleOfBreakerSet(books: Books, { organization }: Command, { id, rule }: BreakerSetting): Outcome {
  const breakers = breakersOf(books, organization)
  const known = breakers.find((breaker) => breaker.rule.id === rule.id)
  if (known === undefined && books.byId.has(nameOf(organization, 'breaker_remove', rule.id)))
    return { code: 'not_found', pointer: '/breaker_id' }
  if (known === undefined) {
    books.breakers.set(organization, [...breakers, { rule, seen: new Map() }].sort(inOrder))
    return {}
  }
  for (const what of ['dimension', 'value', 'measure', 'windowMs'] as const) {
    if (known.rule[what] !== rule[what]) return { code: 'invalid_field', pointer: '/measure' }
  }
  known.rule = { ...rule, createdAt: known.rule.createdAt }
  return { event: { kind: 'breaker_set', setting: { id, rule: known.rule } } }
}

/** The order of their creation, in which an agent is paused by the first of them. */
function inOrder({ rule: a }: Breaker, { rule: b }: Breaker): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}

export function ruleOfBreakerRemove(books: Books, { organization }: Command, { id }: BreakerRemoval): Outcome {
  const left = breakersOf(books, organization).filter(({ rule }) => rule.id !== id)
  if (left.length === breakersOf(books, organization).length) return { code: 'not_found', pointer: '/breaker_id' }
  books.breakers.set(organization, left)
  return {}
}

/** What says nothing any more goes: all of it is out of the window, and nothing is cooling down. */
export function ruleOfBreakerSweep(books: Books, { organization }: Command, { at }: BreakerSweep): Outcome {
  for (const { rule, seen } of breakersOf(books, organization)) {
    for (const [name, { sights, openUntil }] of seen) {
      if (sights.every(({ start }) => endFor(rule, start) <= at) && (openUntil ?? 0) <= at) seen.delete(name)
    }
  }
  return {}
}

export function ruleOfAgentState(books: Books, { organization }: Command, change: AgentChange): Outcome {
  const before = books.agents.get(nameOf(organization, change.agent))
  if (change.state === 'paused' && before?.state === 'stopped') return { code: 'agent_stopped', pointer: '/agent_name' }
  putState(books, organization, change)
  return {}
}

function putState(books: Books, organization: string, { agent, state, reason, breaker, at }: AgentChange): void {
  const name = nameOf(organization, agent)
  const before = books.agents.get(name)
  books.agents.set(name, { organization, agent, state, reason, breaker, since: before?.state === state ? before.since : at })
}

/** Nobody begins a call who, or whose organization, is not active. */
export function whyHalted(books: Books, organization: string, agent: string | null): Refused | null {
  for (const name of ['*', agent]) {
    const state = name === null ? undefined : books.agents.get(nameOf(organization, name))?.state
    if (state === 'paused' || state === 'stopped') return { code: `agent_${state}`, pointer: '/agent_name' }
  }
  return null
}

/** Whether a call may begin as far as breakers are asked; those on money ask for its worst case. */
export function askBreakers(
  books: Books,
  organization: string,
  call: Watched,
  worst: bigint,
  now: number,
  only: readonly string[] | null,
): Refused | null {
  const objections: { readonly waits: number | null; readonly facts: Readonly<Record<string, unknown>> }[] = []
  for (const breaker of breakersOf(books, organization)) {
    if (only !== null && (breaker.rule.measure !== 'cost' || !only.includes(breaker.rule.id))) continue
    for (const thing of thingsOf(breaker, call)) {
      const availableAt = objectionOf(breaker, seenOf(breaker, thing), call, worst, now)
      if (availableAt === undefined) continue
      const { rule } = breaker
      const counted =
        rule.measure === 'depth'
          ? BigInt(call.runs.length)
          : sumAt(rule, seenOf(breaker, thing), timeFor(seenOf(breaker, thing), now), 'passed')
      objections.push({
        waits: rule.action === 'throttle' ? availableAt : null,
        facts: factsOfBreaker(breaker, thing.value, counted, availableAt),
      })
    }
  }
  if (objections.length === 0) return null
  const waits = objections.map((objection) => objection.waits)
  return {
    code: waits.includes(null) ? 'breaker_open' : 'throttled',
    pointer: null,
    breakers: objections.map(({ facts }) => facts),
  }
}

/** Undefined: none. Null: waiting does not help. Else when it passes. */
function objectionOf({ rule }: Breaker, what: Seen, { runs }: Watched, worst: bigint, now: number): number | null | undefined {
  const { measure, action, limit } = rule
  if (measure === 'depth') return BigInt(runs.length) > limit ? null : undefined
  const time = timeFor(what, now)
  const cooling = what.openUntil !== null && what.openUntil > time ? what.openUntil : undefined
  if (measure === 'errors' && action !== 'throttle') return cooling
  const more = measure === 'cost' ? worst : 1n
  if (more === 0n || sumAt(rule, what, time, 'all') + more <= limit) return cooling
  if (more > limit) return null
  return Math.max(firstRoom(rule, what, now, limit - more), cooling ?? 0)
}

/** What a granted hold counts for at once, and in which breakers. */
export function watchHold(books: Books, hold: LiveHold, call: Watched, worst: bigint, now: number): Trip[] {
  const trips: Trip[] = []
  for (const breaker of breakersOf(books, hold.organization)) {
    const { measure, id } = breaker.rule
    if (measure === 'depth' || measure === 'errors') continue
    for (const thing of thingsOf(breaker, call)) {
      if (!hold.breakers.includes(id)) hold.breakers.push(id)
      const what = seenOf(breaker, thing)
      if (measure !== 'cost') trips.push(...pass(books, breaker, what, { at: hold.at, now, amount: 1n, agent: call.facts.agent }))
      else if (worst > 0n && see(breaker, what, hold.at, now, worst, hold.id)) keepSeen(breaker, what)
    }
  }
  return trips
}

/** What was kept for a call is not any more. */
export function letGo(books: Books, hold: LiveHold): void {
  for (const breaker of breakersOf(books, hold.organization)) {
    if (breaker.rule.measure !== 'cost' || !hold.breakers.includes(breaker.rule.id)) continue
    for (const what of [...breaker.seen.values()]) {
      if (!what.sights.some(({ keptFor }) => keptFor === hold.id)) continue
      what.sights = what.sights.filter(({ keptFor }) => keptFor !== hold.id)
      keepSeen(breaker, what)
    }
  }
}

/** Keeps another amount for a call under way, where it fits beside all others. */
export function keepOtherwise(books: Books, hold: LiveHold, worst: bigint, now: number): Refused | null {
  const call = { facts: hold.facts, runs: hold.runs, fingerprint: null }
  const before = new Map(
    breakersOf(books, hold.organization).map((breaker) => [breaker, new Map([...breaker.seen].map(([name, what]) => [name, { ...what }]))]),
  )
  // Not by `letGo`, so that it stays remembered what time it is for each.
  for (const { seen } of before.keys()) {
    for (const what of seen.values()) what.sights = what.sights.filter(({ keptFor }) => keptFor !== hold.id)
  }
  const refused = askBreakers(books, hold.organization, call, worst, now, hold.breakers)
  for (const [breaker, seen] of before) {
    if (refused !== null) {
      breaker.seen.clear()
      for (const [name, what] of seen) breaker.seen.set(name, what)
      continue
    }
    if (breaker.rule.measure !== 'cost' || !hold.breakers.includes(breaker.rule.id)) continue
    for (const thing of thingsOf(breaker, call)) {
      const what = seenOf(breaker, thing)
      if (worst > 0n) see(breaker, what, hold.at, now, worst, hold.id)
      keepSeen(breaker, what)
    }
  }
  return refused
}

/** A call that is posted: counted where its hold was not, its cost at the time of its hold, and as a failure or the end of some. */
export function watchCall(
  books: Books,
  organization: string,
  call: Watched & { readonly success: boolean; readonly cost: bigint; readonly at: number },
  hold: LiveHold | undefined,
  now: number,
): Trip[] {
  const trips: Trip[] = []
  const { agent } = call.facts
  for (const breaker of breakersOf(books, organization)) {
    const { measure, id } = breaker.rule
    if (measure === 'depth' || hold?.breakers.includes(id) === true) continue
    for (const thing of thingsOf(breaker, call)) {
      const what = seenOf(breaker, thing)
      if (measure === 'errors' && call.success) forgive(breaker, what, call.at, now)
      else trips.push(...pass(books, breaker, what, { at: call.at, now, amount: measure === 'cost' ? call.cost : 1n, agent }))
    }
  }
  if (hold === undefined) return trips
  const asHeld = { facts: hold.facts, runs: hold.runs, fingerprint: null }
  for (const breaker of breakersOf(books, organization)) {
    if (breaker.rule.measure !== 'cost' || !hold.breakers.includes(breaker.rule.id)) continue
    for (const thing of thingsOf(breaker, asHeld)) {
      trips.push(...pass(books, breaker, seenOf(breaker, thing), { at: hold.at, now, amount: call.cost, agent }))
    }
  }
  return trips
}

/** A success makes failures forgotten, unless it is older than what is looked at. */
function forgive(breaker: Breaker, what: Seen, at: number, now: number): void {
  if (what.sights.length === 0 || !see(breaker, what, at, now, 0n, null)) return
  what.sights = []
  keepSeen(breaker, what)
}

function pass(
  books: Books,
  breaker: Breaker,
  what: Seen,
  { at, now, amount, agent }: { readonly at: number; readonly now: number; readonly amount: bigint; readonly agent: string | null },
): Trip[] {
  if (amount === 0n) return []
  const { rule } = breaker
  const wasOpen = isOpen(breaker, what, timeFor(what, now))
  if (!see(breaker, what, at, now, amount, null)) return []
  keepSeen(breaker, what)
  const time = timeFor(what, now)
  const counted = sumAt(rule, what, time, 'passed')
  const pausable =
    rule.action === 'pause' && agent !== null && (books.agents.get(nameOf(rule.organization, agent))?.state ?? 'active') === 'active'
  if (counted < rule.limit || (wasOpen && !pausable)) return []
  what.openedAt = time
  what.openUntil = rule.action === 'block' ? time + rule.cooldownMs : null
  const until = rule.action === 'pause' ? null : (what.openUntil ?? firstRoom(rule, what, now, rule.limit - 1n))
  const { id, measure, action, limit } = rule
  return [{ breaker: id, value: what.value, part: what.part, measure, action, limit, counted, agent, at: time, until }]
}

function isOpen({ rule }: Breaker, what: Seen, time: number): boolean {
  const full = sumAt(rule, what, time, 'passed') >= rule.limit
  const cooling = what.openUntil !== null && what.openUntil > time
  return cooling || (full && !(rule.measure === 'errors' && rule.action === 'block'))
}

/** What breakers do to agents beside an entry: each a change of its own, in the order of the breakers. */
export function pausesOf(books: Books, { organization, recordedAt: at }: Command, trips: readonly Trip[], seq: number): AgentChange[] {
  const changes: AgentChange[] = []
  for (const { breaker, action, agent, measure } of trips) {
    if (action !== 'pause' || agent === null) continue
    if ((books.agents.get(nameOf(organization, agent))?.state ?? 'active') !== 'active') continue
    const reason = `the breaker on ${measure} has opened`
    const change: AgentChange = { id: `${breaker}@${seq}`, agent, state: 'paused', reason, breaker, at }
    putState(books, organization, change)
    changes.push(change)
  }
  return changes
}
