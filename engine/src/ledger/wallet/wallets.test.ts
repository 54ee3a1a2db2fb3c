import { describe, expect, it } from 'vitest'
import cases from '../../../../conformance/wallets/wallets.json' with { type: 'json' }
import { assert, type Picos, picos, picosOfUsd, usdOfPicos } from '../../kernel/index.ts'
import { counterDifferences, emptyBudgetTally, tallyBudgets } from '../budget/tally.ts'
import { decodeEntry, encodeEntry } from '../codec/entry.ts'
import { decide } from '../decide.ts'
import { applyChanges, NO_ROWS } from '../memory-rows.ts'
import type { Decision, LedgerState } from '../ports.ts'
import type { CommandEvent } from '../records.ts'
import { rowKey } from '../row-keys.ts'
import {
  adjustmentEvent,
  budgetSetEvent,
  callEvent,
  holdEvent,
  holdExpireEvent,
  holdExtendEvent,
  holdVoidEvent,
  recordOf,
  runStartEvent,
  SAMPLE_AT,
  sampleBudget,
  sampleCharge,
} from '../sample.ts'
import { accountDifferences, emptyTally, tally, unbalanced } from '../verify.ts'
import { balanceOf, walletAccount } from './accounts.ts'
import type { WalletTransferType } from './records.ts'

interface Step {
  readonly open?: { id: string; opening?: string }
  readonly transfer?: { id: string; type: string; agent: string; to?: string; usd?: string; upTo?: string }
  readonly escrow?: { id: string; payer: string; payee: string; usd: string }
  readonly end?: { id: string; paid: string; refunded: string }
  readonly run?: { id: string; agent?: string; parentRun?: string }
  readonly call?: { id: string; agent?: string; run?: string; usd: string | null }
  readonly hold?: { id: string; agent?: string; usd: string | null; fallback?: string | null }
  readonly extend?: { id: string; call: string; usd: string }
  readonly void?: { id: string }
  readonly expire?: { id: string }
  readonly correction?: { id: string; call: string; usd: string }
  /** `ok`, `replayed`, or the code of the refusal. */
  readonly is: string
  readonly path?: string
  readonly refusedBy?: readonly string[]
  readonly most?: string
}

interface Row {
  readonly name: string
  readonly budgets?: readonly { id: string; dimension: 'agent' | 'organization'; limit: string }[]
  readonly steps: readonly Step[]
  /** Of each agent the balance, and what is held of it. */
  readonly wallets: Readonly<Record<string, string>>
  readonly accounts?: Readonly<Record<string, string>>
}

describe('wallets', () => {
  it.each(cases as unknown as readonly Row[])('$name', ({ budgets = [], steps, wallets, accounts = {} }) => {
    const world: World = { state: NO_ROWS, cost: new Map() }
    for (const { id, dimension, limit } of budgets) {
      decideOne(world, budgetSetEvent(sampleBudget({ id, dimension, limit: amountOf(limit) }), { id: `set ${id}` }))
    }
    for (const step of steps) {
      const [outcome] = decideOne(world, eventOf(world, step)).outcomes
      assert(outcome !== undefined, 'one command has one outcome')
      const is = outcome.ok ? (outcome.value.replayed ? 'replayed' : 'ok') : outcome.error.code
      expect({ step, is }).toEqual({ step, is: step.is })
      if (outcome.ok) continue
      const { path, facts = {} } = outcome.error
      if (step.path !== undefined) expect(path).toBe(step.path)
      if (step.refusedBy !== undefined) expect((facts.refused_by as Refused[]).map(refusedText)).toEqual(step.refusedBy)
      if (step.most !== undefined) expect(facts.most_that_fits_usd).toBe(step.most)
    }
    expect(walletsOf(world.state)).toEqual(wallets)
    for (const [account, sides] of Object.entries(accounts)) {
      const { debits, credits } = world.state.accounts.get(rowKey('org', account)) ?? { debits: picos(0n), credits: picos(0n) }
      expect({ account, sides: `${usdOfPicos(debits)} ${usdOfPicos(credits)}` }).toEqual({ account, sides })
    }
    checkAgainstJournal(world.state)
  })
})

interface World {
  state: LedgerState
  readonly cost: Map<string, bigint>
}

interface Refused {
  readonly budget_id: string | null
  readonly dimension: string
  readonly value: string
  readonly limit_usd: string
  readonly spent_usd: string
  readonly held_usd: string
}

function refusedText({ budget_id, dimension, value, limit_usd, spent_usd, held_usd }: Refused): string {
  return [budget_id ?? dimension, value, limit_usd, spent_usd, held_usd].join(' ')
}

function walletsOf({ accounts, counters }: LedgerState): Record<string, string> {
  const stands: Record<string, string> = {}
  for (const account of accounts.values()) {
    if (!account.account.startsWith('wallet:')) continue
    const agent = account.account.slice('wallet:'.length)
    const held = [...counters.values()].find(({ budget, value }) => budget === 'wallet' && value === agent)?.held ?? picos(0n)
    expect(account.account).toBe(walletAccount(agent))
    stands[agent] = `${usdOfPicos(balanceOf(account))} ${usdOfPicos(held)}`
  }
  return stands
}

/** Accounts and counters are what the journal makes them, the books balance, and each entry reads back as it was written. */
function checkAgainstJournal({ tail, accounts, counters }: LedgerState): void {
  const sums = tally(emptyTally(), tail)
  expect(accountDifferences(sums, [...accounts.values()])).toEqual([])
  expect(unbalanced(accounts.values())).toEqual([])
  const budgets = emptyBudgetTally()
  for (const entry of tail) tallyBudgets(budgets, entry)
  expect(counterDifferences(budgets, [...counters.values()])).toEqual([])
  for (const entry of tail) {
    const { seq, organization, event, recordedAt } = entry
    expect(decodeEntry({ seq, organization, kind: event.kind, recordedAt, body: encodeEntry(entry) })).toEqual(entry)
  }
}

function decideOne(world: World, event: CommandEvent): Decision {
  const decision = decide(world.state, [recordOf('org', event)])
  world.state = applyChanges(world.state, decision.changes)
  return decision
}

function eventOf(world: World, step: Step): CommandEvent {
  const at = SAMPLE_AT
  if (step.open !== undefined) return { kind: 'wallet_open', wallet: { id: step.open.id, opening: amountOf(step.open.opening ?? '0'), at } }
  if (step.transfer !== undefined) {
    const { usd = '0', to = null, type, upTo, ...transfer } = step.transfer
    const fills = upTo === undefined ? {} : { upTo: amountOf(upTo) }
    return {
      kind: 'wallet_transfer',
      transfer: { ...transfer, type: type as WalletTransferType, to, amount: amountOf(usd), memo: null, at, ...fills },
    }
  }
  if (step.escrow !== undefined) {
    const { usd, ...escrow } = step.escrow
    return { kind: 'escrow_open', escrow: { ...escrow, amount: amountOf(usd), memo: null, at } }
  }
  if (step.end !== undefined) {
    const { id, paid, refunded } = step.end
    return { kind: 'escrow_end', end: { id, paid: amountOf(paid), refunded: amountOf(refunded), reason: null, at } }
  }
  return callStep(world, step)
}

function callStep(world: World, step: Step): CommandEvent {
  if (step.run !== undefined) return runStartEvent(step.run)
  if (step.call !== undefined) {
    const { usd, ...call } = step.call
    const amount = nullable(usd)
    world.cost.set(call.id, amount ?? 0n)
    return callEvent({ ...call, charge: sampleCharge(amount) })
  }
  if (step.hold !== undefined) {
    const { usd, fallback = null, ...hold } = step.hold
    return holdEvent({ ...hold, amount: nullable(usd), fallback: nullable(fallback) })
  }
  if (step.extend !== undefined) {
    const { usd, ...extension } = step.extend
    return holdExtendEvent({ ...extension, amount: amountOf(usd) })
  }
  if (step.void !== undefined) return holdVoidEvent(step.void.id)
  if (step.expire !== undefined) return holdExpireEvent(step.expire.id, SAMPLE_AT + 600_000)
  assert(step.correction !== undefined, 'a step says what is done')
  const { id, call, usd } = step.correction
  const now = amountOf(usd)
  return adjustmentEvent({ id, call, charge: sampleCharge(now), delta: picos(now - (world.cost.get(call) ?? 0n)) })
}

function nullable(usd: string | null): Picos | null {
  return usd === null ? null : amountOf(usd)
}

function amountOf(usd: string): Picos {
  const amount = picosOfUsd(usd)
  assert(amount !== null, 'the table has amounts that exist')
  return amount
}
