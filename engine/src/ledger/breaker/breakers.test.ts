import { describe, expect, it } from 'vitest'
import agentCases from '../../../../conformance/breakers/agents.json' with { type: 'json' }
import breakerCases from '../../../../conformance/breakers/breakers.json' with { type: 'json' }
import { assert, type Picos, picos, picosOfUsd } from '../../kernel/index.ts'
import { agentDifferences } from '../agent/tally.ts'
import { decodeEntry, encodeEntry } from '../codec/entry.ts'
import { decide } from '../decide.ts'
import { applyChanges, NO_ROWS } from '../memory-rows.ts'
import type { LedgerState } from '../ports.ts'
import type { CommandEvent } from '../records.ts'
import {
  agentStateEvent,
  breakerSetEvent,
  callEvent,
  holdEvent,
  holdExpireEvent,
  holdExtendEvent,
  holdVoidEvent,
  recordOf,
  runStartEvent,
  SAMPLE_AT,
  sampleCharge,
} from '../sample.ts'
import { emptyTally, tally } from '../verify.ts'
import type { BreakerRule } from './rule.ts'

interface BreakerCase {
  readonly id: string
  readonly dimension?: string
  readonly measure: string
  readonly limit: string
  readonly window: number
  readonly action: string
  readonly cooldown?: number
}

interface Asked {
  readonly id: string
  readonly usd?: string | null
  readonly fallback?: string
}

interface Step {
  readonly hold?: Asked
  /** `made`: when the call says it was made, in seconds. */
  readonly call?: Asked & { readonly made?: number }
  readonly run?: { readonly id: string }
  readonly void?: { readonly id: string }
  readonly expire?: { readonly id: string }
  readonly extend?: Asked & { readonly call: string }
  readonly agent?: { readonly id: string; readonly agent: string; readonly state: 'active' }
  readonly breaker?: BreakerCase
  readonly remove?: { readonly id: string }
  readonly sweep?: { readonly id: string }
  /** Seconds. */
  readonly at: number
  /** `ok`, `replayed`, or the code of the refusal. */
  readonly is: string
  /** Breaker and value of each that opens. */
  readonly trips?: readonly string[]
  readonly refusedBy?: readonly string[]
  readonly retry?: number
}

interface Case {
  readonly name: string
  readonly breakers?: readonly BreakerCase[]
  readonly steps: readonly Step[]
  readonly agents?: readonly string[]
  readonly rows?: number
}

describe('breakers and agent states', () => {
  it.each([...breakerCases, ...agentCases] as unknown as readonly Case[])('$name', ({ breakers = [], steps, agents, rows }) => {
    let state: LedgerState = NO_ROWS
    const decideOne = (event: CommandEvent, seconds: number) => {
      const decision = decide(state, [recordOf('org', event, SAMPLE_AT + seconds * 1_000)])
      state = applyChanges(state, decision.changes)
      const [outcome] = decision.outcomes
      assert(outcome !== undefined, 'one command has one outcome')
      return { outcome, changes: decision.changes }
    }
    for (const [index, breaker] of breakers.entries()) {
      expect(decideOne(breakerSetEvent(ruleOf(breaker), `first ${index}`), 0).outcome).toMatchObject({ ok: true })
    }
    for (const [index, step] of steps.entries()) {
      const before = state
      const { outcome, changes } = decideOne(eventOf(step, index), step.at)
      const is = outcome.ok ? (outcome.value.replayed ? 'replayed' : 'ok') : outcome.error.code
      expect({ step, is }).toEqual({ step, is: step.is })
      if (!outcome.ok) {
        expect(state).toEqual(before)
        const facts = outcome.error.facts ?? {}
        if (step.retry !== undefined) expect(facts.retry_after_seconds).toBe(step.retry)
        const named = (facts.breakers ?? []) as { breaker_id: string; value: string }[]
        if (step.refusedBy !== undefined) expect(named.map(({ breaker_id, value }) => `${breaker_id} ${value}`)).toEqual(step.refusedBy)
      }
      const tripped = changes.entries.flatMap((entry) => entry.tripped ?? [])
      if (step.trips !== undefined)
        expect({ step, trips: tripped.map(({ breaker, value }) => `${breaker} ${value}`) }).toEqual({ step, trips: step.trips })
    }
    const states = [...state.breakers.agents.values()]
    if (agents !== undefined) expect(states.map((one) => `${one.agent} ${one.state}`).sort()).toEqual(agents)
    if (rows !== undefined) expect(state.breakers.rows.size).toBe(rows)
    expect(agentDifferences(tally(emptyTally(), state.tail).agents, states)).toEqual([])
    for (const entry of state.tail) expect(decodeEntry({ ...entry, kind: entry.event.kind, body: encodeEntry(entry) })).toEqual(entry)
  })
})

function ruleOf({
  id,
  dimension = 'agent',
  measure,
  limit,
  window,
  action,
  cooldown = 0,
}: BreakerCase): Partial<BreakerRule> & { id: string } {
  return {
    id,
    dimension: dimension as BreakerRule['dimension'],
    measure: measure as BreakerRule['measure'],
    limit: measure === 'cost' ? (amountOf(limit) ?? 0n) : BigInt(limit),
    windowMs: window * 1_000,
    action: action as BreakerRule['action'],
    cooldownMs: cooldown * 1_000,
  }
}

function eventOf(step: Step, index: number): CommandEvent {
  const at = SAMPLE_AT + step.at * 1_000
  if (step.hold !== undefined) {
    const { usd = '0.001', fallback = null, ...hold } = step.hold
    return holdEvent({ ...hold, at, deadline: at + 600_000, amount: amountOf(usd), fallback: amountOf(fallback) })
  }
  if (step.call !== undefined) {
    const { usd = '0.001', made, ...call } = step.call
    return callEvent({
      ...call,
      at: made === undefined ? at : SAMPLE_AT + made * 1_000,
      atGiven: true,
      charge: sampleCharge(amountOf(usd)),
    })
  }
  if (step.run !== undefined) return runStartEvent(step.run)
  if (step.void !== undefined) return holdVoidEvent(step.void.id)
  if (step.expire !== undefined) return holdExpireEvent(step.expire.id, at)
  if (step.extend !== undefined) {
    const { usd = null, id, call } = step.extend
    return holdExtendEvent({ id, call, at, deadline: at + 600_000, amount: amountOf(usd) })
  }
  if (step.agent !== undefined) return agentStateEvent({ ...step.agent, at })
  if (step.breaker !== undefined) return breakerSetEvent(ruleOf(step.breaker), `set ${index}`)
  if (step.remove !== undefined) return { kind: 'breaker_remove', removal: { ...step.remove, at } }
  assert(step.sweep !== undefined, 'a step says what is done')
  return { kind: 'breaker_sweep', sweep: { ...step.sweep, at } }
}

function amountOf(usd: string | null): Picos | null {
  const amount = usd === null ? null : picosOfUsd(usd)
  assert(usd === null || amount !== null, 'the table has amounts that exist')
  return amount === null ? null : picos(amount)
}
