import { picos, usdOfPicos } from '../../src/kernel/index.ts'
import type { AgentState, BreakerRule, JournalEntry } from '../../src/ledger/index.ts'
import { type Books, nameOf } from './books.ts'
import { type Budget, type Facts, placesOf } from './budget-books.ts'

export type Trip = NonNullable<JournalEntry['tripped']>[number]

/** Something that a breaker saw: a call or its cost, or what is kept for a call under way. */
interface Sight {
  readonly start: number
  readonly amount: bigint
  /** The call that it is kept for; null: it has passed. */
  readonly keptFor: string | null
}

/** All that a breaker saw of one thing, one by one. */
export interface Seen {
  readonly value: string
  readonly part: string
  sights: Sight[]
  latest: number
  openedAt: number | null
  openUntil: number | null
}

export interface Breaker {
  rule: BreakerRule
  readonly seen: Map<string, Seen>
}

export type AgentRow = AgentState

/** What a call is to breakers. */
export interface Watched {
  readonly facts: Facts
  readonly runs: readonly string[]
  readonly fingerprint: string | null
}

export function breakersOf(books: Books, organization: string): readonly Breaker[] {
  return books.breakers.get(organization) ?? []
}

/** What a breaker looks at of a call: nothing, or for each of its values a list of its own. */
export function thingsOf({ rule }: Breaker, { facts, runs, fingerprint }: Watched): { readonly value: string; readonly part: string }[] {
  const parts = {
    repeats: fingerprint === null ? null : JSON.stringify([facts.agent, fingerprint]),
    fan_out: runs[0] ?? null,
    depth: runs[0] ?? null,
  }
  const part = rule.measure in parts ? parts[rule.measure as keyof typeof parts] : ''
  if (part === null) return []
  // A breaker picks its values as a budget does.
  const asBudget = { rule: { dimension: rule.dimension, value: rule.value, period: { unit: 'total' }, zone: 'UTC' } } as Budget
  return placesOf(asBudget, facts, runs, 0).map(({ value }) => ({ value, part }))
}

export function seenOf({ seen }: Breaker, { value, part }: { readonly value: string; readonly part: string }): Seen {
  const known = seen.get(nameOf(value, part))
  return known ?? { value, part, sights: [], latest: 0, openedAt: null, openUntil: null }
}

/** Keeps what was seen while there is anything to say of it. */
export function keepSeen({ seen }: Breaker, what: Seen): void {
  const name = nameOf(what.value, what.part)
  if (what.sights.length > 0 || (what.openUntil !== null && what.openUntil > what.latest)) seen.set(name, what)
  else seen.delete(name)
}

export function timeFor(what: Seen, now: number): number {
  return Math.max(what.latest, now)
}

function startFor({ windowMs }: BreakerRule, at: number): number {
  const sixtieth = Math.ceil(windowMs / 60)
  return at - (((at % sixtieth) + sixtieth) % sixtieth)
}

/** A sixtieth is seen until its last millisecond has left the window. */
export function endFor({ windowMs }: BreakerRule, start: number): number {
  return start + Math.ceil(windowMs / 60) - 1 + windowMs
}

/** What is seen at a time, passed and kept. */
export function sumAt(rule: BreakerRule, { sights }: Seen, at: number, which: 'passed' | 'all'): bigint {
  const counting = sights.filter(({ start, keptFor }) => endFor(rule, start) > at && (which === 'all' || keptFor === null))
  return counting.reduce((sum, { amount }) => sum + amount, 0n)
}

/** The first time from now on at which no more than so much is seen, when nothing comes. */
export function firstRoom(rule: BreakerRule, what: Seen, now: number, most: bigint): number {
  const ends = what.sights.map(({ start }) => endFor(rule, start)).sort((a, b) => a - b)
  const times = [timeFor(what, now), ...ends.filter((end) => end > timeFor(what, now))]
  return times.find((time) => sumAt(rule, what, time, 'all') <= most) ?? Number.NaN
}

/** Sees something more; false where the window has left it. */
export function see(breaker: Breaker, what: Seen, at: number, now: number, amount: bigint, keptFor: string | null): boolean {
  const time = timeFor(what, now)
  const start = startFor(breaker.rule, Math.min(at, time))
  if (endFor(breaker.rule, start) <= time) return false
  what.sights.push({ start, amount, keptFor })
  what.sights = what.sights.filter((sight) => endFor(breaker.rule, sight.start) > time)
  what.latest = time
  return true
}

/** Who refuses by a breaker, as far as the auditor says what must be told. */
export function factsOfBreaker(
  { rule }: Breaker,
  value: string,
  counted: bigint,
  availableAt: number | null,
): Readonly<Record<string, unknown>> {
  return {
    breaker_id: rule.id,
    value,
    counted: rule.measure === 'cost' ? usdOfPicos(picos(counted)) : Number(counted),
    available_at: availableAt === null ? null : new Date(availableAt).toISOString(),
  }
}
