import { type Picos, picos, usdOfPicos } from '../../src/kernel/index.ts'
import type { Command, HoldExtension, HoldRelease, HoldRequest } from '../../src/ledger/index.ts'
import { type Books, mention, nameOf } from './books.ts'
import { askBreakers, keepOtherwise, letGo, watchHold, whyHalted } from './breaker-rules.ts'
import {
  type Budget,
  countingAt,
  endOf,
  type Facts,
  type Kept,
  keyOf,
  type LiveHold,
  type Place,
  placesOf,
  type Stand,
  standOf,
} from './budget-books.ts'
import { type Short, tellShort } from './exhausted.ts'
import { inherited, lineOf } from './inheritance.ts'
import type { Outcome, Refused } from './outcome.ts'
import { factsOfWallet, leftIn, walletOf } from './wallet-rules.ts'

export function ruleOfHold(books: Books, command: Command, hold: HoldRequest): Outcome {
  const { organization, recordedAt, keyAttribution: key } = command
  if (books.calls.has(nameOf(organization, hold.id))) return { code: 'already_ended', pointer: '/call_id' }
  const filled = inherited(books, hold, { organization, run: hold.run, workflowFromRuns: true, fromSession: true, key, hold: null })
  const facts = { ...filled, organization, model: hold.model, seller: hold.seller, key: hold.key }
  const runs = lineOf(books, organization, hold.run)
  const worst = hold.amount ?? hold.fallback ?? 0n
  const call = { facts, runs, fingerprint: hold.fingerprint }
  const now = Math.max(hold.at, recordedAt)
  const halted = whyHalted(books, organization, filled.agent) ?? askBreakers(books, organization, call, worst, now, null)
  if (halted !== null) return halted
  const asked = askAll(books, facts, runs, hold, null)
  if ('code' in asked)
    return telling(books, command, { call: hold.id, agent: filled.agent, model: hold.model, at: hold.at }, hold.at, asked)
  if (hold.run !== null) mention(books.runs, organization, hold.run)
  if (filled.session !== null) mention(books.sessions, organization, filled.session)
  const { id, meters, at, deadline, amount, fallback, tier, region } = hold
  const live: LiveHold = {
    ...{ organization, id, facts, runs, meters, at, deadline, amount, fallback, tier, region },
    kept: asked.kept,
    ofWallet: asked.ofWallet,
    expiredAt: null,
    breakers: [],
  }
  books.holds.set(nameOf(organization, id), live)
  const tripped = watchHold(books, live, call, worst, now)
  return { filled, tripped, event: { kind: 'hold', hold: { ...hold, ...filled, held: heldOf({ organization, facts, ...asked }) } } }
}

export function ruleOfHoldExtend(books: Books, command: Command, extension: HoldExtension): Outcome {
  const { organization, recordedAt } = command
  const hold = books.holds.get(nameOf(organization, extension.call))
  if (hold === undefined) return whyNotHeld(books, organization, extension.call)
  if (hold.expiredAt !== null) return { code: 'already_ended', pointer: '/call_id' }
  const { amount, fallback, meters } = extension
  if (amount !== null || fallback !== null) {
    const asked = askAll(books, hold.facts, hold.runs, { at: hold.at, amount, fallback }, hold)
    const { agent, model } = hold.facts
    if ('code' in asked) return telling(books, command, { call: hold.id, agent, model, at: extension.at }, hold.at, asked)
    const broken = keepOtherwise(books, hold, amount ?? fallback ?? 0n, Math.max(extension.at, recordedAt))
    if (broken !== null) return broken
    hold.kept = asked.kept
    hold.ofWallet = asked.ofWallet
    hold.amount = amount
    hold.fallback = fallback
  }
  if (meters !== null) hold.meters = meters
  hold.deadline = Math.max(hold.deadline, extension.deadline)
  return { event: { kind: 'hold_extend', extension: { ...extension, held: heldOf(hold) } } }
}

export function ruleOfHoldVoid(books: Books, { organization }: Command, { id }: HoldRelease): Outcome {
  const hold = books.holds.get(nameOf(organization, id))
  if (hold === undefined) return whyNotHeld(books, organization, id)
  letGo(books, hold)
  books.holds.delete(nameOf(organization, id))
  return {}
}

export function ruleOfHoldExpire(books: Books, { organization }: Command, { id, at }: HoldRelease): Outcome {
  const hold = books.holds.get(nameOf(organization, id))
  if (hold === undefined) return whyNotHeld(books, organization, id)
  if (at < hold.deadline) return { code: 'invalid_time', pointer: null }
  letGo(books, hold)
  hold.kept = []
  hold.ofWallet = 0n
  hold.expiredAt = at
  return {}
}

function whyNotHeld(books: Books, organization: string, id: string): Outcome {
  const ended = books.calls.has(nameOf(organization, id)) || books.byId.has(nameOf(organization, 'hold_void', id))
  return { code: ended ? 'already_ended' : 'not_found', pointer: '/call_id' }
}

interface Worst {
  readonly at: number
  readonly amount: Picos | null
  readonly fallback: Picos | null
}

/** What a budget keeps of a call; null: it does not know what to keep. */
export function amountKept({ rule }: Budget, { amount, fallback }: Omit<Worst, 'at'>): bigint | null {
  if (amount !== null) return amount
  return rule.unpriced === 'allow' ? 0n : rule.unpriced === 'worst_case' ? fallback : null
}

/** Why it is refused, and the budgets that have no room, also those that have told so. */
type RefusedForBudgets = Refused & { readonly facts: NonNullable<Refused['facts']>; readonly short: readonly Short[] }

/** The refusal, with what is told of it. */
function telling(
  books: Books,
  command: Command,
  about: Parameters<typeof tellShort>[2],
  countedAt: number,
  { short, facts, ...refused }: RefusedForBudgets,
): Refused {
  const told = tellShort(books, command, about, countedAt, short)
  if (told === 'untold') return { ...refused, facts: { ...facts, untold: true } }
  return { ...refused, facts, ...(told === null ? {} : { exhaustion: told }) }
}

/** Asks every budget, and the wallet of the agent. All of those that are hard must agree, or nothing is kept in any. */
function askAll(
  books: Books,
  facts: Facts,
  runs: readonly string[],
  worst: Worst,
  own: LiveHold | null,
): { readonly kept: readonly Kept[]; readonly ofWallet: bigint } | RefusedForBudgets {
  const stands = countingAt(books, facts.organization, worst.at).flatMap((budget) =>
    placesOf(budget, facts, runs, worst.at).map(({ value }) => standOf(books, budget, value, worst.at, own)),
  )
  const hard = stands.filter(({ budget }) => budget.rule.mode === 'hard')
  const wallet = walletOf(books, facts.organization, facts.agent, own)
  const ofWallet = worst.amount ?? worst.fallback
  const empty = wallet !== null && (ofWallet === null || (ofWallet > 0n && ofWallet > leftIn(wallet)))
  const refusing = hard.filter((stand) => refuses(stand, amountKept(stand.budget, worst)))
  if (refusing.length > 0 || empty) {
    const unknown = refusing.every(({ budget }) => amountKept(budget, worst) === null) && (!empty || ofWallet === null)
    const [most = 0n] = [...hard.map(roomOf), ...(wallet === null ? [] : [leftIn(wallet)])].sort((a, b) => (a < b ? -1 : 1))
    return {
      code: unknown ? 'price_unknown' : 'budget_exceeded',
      pointer: unknown ? '/model' : null,
      facts: {
        refused_by: [...refusing.map((stand) => factsOf(stand, worst)), ...(empty ? [factsOfWallet(wallet, ofWallet)] : [])],
        most_that_fits_usd: usdOfPicos(picos(most < 0n ? 0n : most)),
      },
      short: refusing.flatMap((stand) => {
        const requested = amountKept(stand.budget, worst)
        return requested === null ? [] : [{ stand, requested: picos(requested) }]
      }),
    }
  }
  const kept = stands.map(({ budget, place }) => ({ budget, place, amount: amountKept(budget, worst) ?? 0n }))
  return { kept: kept.filter(({ amount }) => amount > 0n), ofWallet: wallet === null ? 0n : (ofWallet ?? 0n) }
}

function roomOf({ budget, spent, held }: Stand): bigint {
  return budget.rule.limit - spent - held
}

function refuses(stand: Stand, amount: bigint | null): boolean {
  return amount === null || (amount > 0n && amount > roomOf(stand))
}

function factsOf({ budget, place, spent, held }: Stand, worst: Worst): Readonly<Record<string, unknown>> {
  const { id, name, dimension, limit } = budget.rule
  const amount = amountKept(budget, worst)
  const end = endOf(budget.rule, worst.at)
  return {
    budget_id: id,
    name,
    dimension,
    value: place.value,
    reason: amount === null ? 'unpriced' : 'limit',
    limit_usd: usdOfPicos(limit),
    spent_usd: usdOfPicos(picos(spent)),
    held_usd: usdOfPicos(picos(held)),
    requested_usd: amount === null ? null : usdOfPicos(picos(amount)),
    resets_at: end === null ? null : new Date(end).toISOString(),
  }
}

/** As the journal and the rows say it, in one order: which comes first says nothing. */
export function heldOf({ organization, facts, kept, ofWallet }: Pick<LiveHold, 'facts' | 'kept' | 'ofWallet'> & { organization: string }) {
  const inBudgets = kept.map(({ budget, place, amount }) => ({ counter: keyOf(budget, place), amount: picos(amount) }))
  const counter = { organization, budget: 'wallet', value: facts.agent ?? '', start: 0 }
  return ofWallet === 0n ? inBudgets : [...inBudgets, { counter, amount: picos(ofWallet) }]
}

/** What a call that is posted now gets back in a place of a budget. */
export function givenBack(hold: LiveHold | undefined, budget: Budget, place: Place): bigint {
  const kept = hold?.kept.filter((one) => one.budget === budget && one.place.value === place.value && one.place.start === place.start) ?? []
  return kept.reduce((sum, { amount }) => sum + amount, 0n)
}
