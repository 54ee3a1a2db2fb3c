import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { picos } from '../../kernel/index.ts'
import { decide } from '../decide.ts'
import { applyChanges, NO_ROWS } from '../memory-rows.ts'
import type { LedgerState } from '../ports.ts'
import type { Command, CommandEvent } from '../records.ts'
import {
  agentStateEvent,
  breakerSetEvent,
  callEvent,
  holdEvent,
  holdExpireEvent,
  holdVoidEvent,
  recordOf,
  SAMPLE_AT,
  sampleBreaker,
  sampleCharge,
} from '../sample.ts'

const few = (prefix: string, max: number) => fc.integer({ min: 0, max }).map((at) => `${prefix}${at}`)
const maybe = (prefix: string) => fc.option(few(prefix, 1), { nil: null })
const amount = fc.bigInt({ min: 0n, max: 3_000_000_000n }).map(picos)

const rule = fc.record({
  id: few('breaker', 3),
  limit: fc.integer({ min: 1, max: 5 }),
  action: fc.constantFrom('throttle', 'block', 'pause'),
} as const)

const WATCHED = [
  { measure: 'calls', dimension: 'agent', windowMs: 60_000 },
  { measure: 'repeats', dimension: 'organization', windowMs: 10_000 },
  { measure: 'errors', dimension: 'agent', windowMs: 30_000 },
  { measure: 'cost', dimension: 'agent', windowMs: 60_000 },
] as const

function breaker({ id, limit, action }: { readonly id: string; readonly limit: number; readonly action: 'throttle' | 'block' | 'pause' }) {
  const watched = WATCHED[Number(id.at(-1))] ?? WATCHED[0]
  const scale = watched.measure === 'cost' ? 1_000_000_000n : 1n
  return sampleBreaker({ ...watched, id, limit: BigInt(limit) * scale, action, cooldownMs: action === 'block' ? 20_000 : 0 })
}

/** Events at times that never go back. */
const commands: fc.Arbitrary<Command[]> = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 9_000 }),
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc
            .record({ id: few('call', 40), agent: maybe('agent'), fingerprint: maybe('print'), amount })
            .map((hold) => (at: number) => holdEvent({ ...hold, at, deadline: at + 60_000 })),
        },
        {
          weight: 5,
          arbitrary: fc
            .record({
              id: few('call', 40),
              agent: maybe('agent'),
              fingerprint: maybe('print'),
              success: fc.boolean(),
              cost: amount,
              late: fc.nat(90_000),
            })
            .map(
              ({ cost, late, ...call }) =>
                (at: number) =>
                  callEvent({ ...call, at: at - late, atGiven: true, charge: sampleCharge(cost) }),
            ),
        },
        { weight: 1, arbitrary: few('call', 40).map((id) => () => holdVoidEvent(id)) },
        { weight: 1, arbitrary: few('call', 40).map((id) => (at: number) => holdExpireEvent(id, at)) },
        {
          weight: 1,
          arbitrary: fc.tuple(rule, fc.nat(999)).map(
            ([of, set]) =>
              () =>
                breakerSetEvent(breaker(of), `set ${set}`),
          ),
        },
        {
          weight: 2,
          arbitrary: fc.tuple(fc.nat(999), few('agent', 1), fc.constantFrom('active', 'active', 'paused', 'stopped')).map(
            ([id, agent, state]) =>
              (at: number) =>
                agentStateEvent({ id: `change ${id}`, agent, state, at }),
          ),
        },
        {
          weight: 1,
          arbitrary: fc.nat(999).map(
            (id) =>
              (at: number): CommandEvent => ({ kind: 'breaker_sweep', sweep: { id: `sweep ${id}`, at } }),
          ),
        },
      ),
    ),
    { maxLength: 80 },
  )
  .chain((steps) =>
    fc.array(rule, { minLength: 1, maxLength: 4 }).map((rules) => {
      let at = SAMPLE_AT
      const sets = rules.map((of, index) => recordOf('org', breakerSetEvent(breaker(of), `first ${index}`)))
      const rest = steps.map(([later, make]) => {
        at += later
        return recordOf('org', make(at), at)
      })
      return [...sets, ...rest]
    }),
  )

function play(of: readonly Command[], sizes: readonly number[]) {
  let state: LedgerState = NO_ROWS
  const outcomes = []
  for (let from = 0, at = 0; from < of.length; at++) {
    const batch = of.slice(from, from + (sizes[at % sizes.length] ?? 1))
    const decision = decide(state, batch)
    outcomes.push(...decision.outcomes)
    state = applyChanges(state, decision.changes)
    from += batch.length
  }
  return { outcomes, state }
}

describe('laws of breakers', () => {
  it('however commands are cut into batches, outcomes, rows and states are the same', () => {
    fc.assert(
      fc.property(commands, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), (of, sizes) => {
        const one = play(of, sizes)
        const other = play(of, [1_000])
        expect(one.outcomes).toEqual(other.outcomes)
        expect(one.state.breakers).toEqual(other.state.breakers)
        expect(one.state.tail).toEqual(other.state.tail)
      }),
      { numRuns: 300 },
    )
  })

  it('a refusal changes nothing', () => {
    fc.assert(
      fc.property(commands, (of) => {
        let state: LedgerState = NO_ROWS
        for (const command of of) {
          const { outcomes, changes } = decide(state, [command])
          if (outcomes[0]?.ok === false) {
            const { rules, removed, rows, rowsRemoved, agents } = changes.breakers
            expect([changes.entries, changes.holds, changes.audits, rules, removed, rows, rowsRemoved, agents].flat()).toEqual([])
          }
          state = applyChanges(state, changes)
        }
      }),
    )
  })

  it.each(['calls', 'repeats'] as const)('no more %s are granted than the limit within any stretch as long as the window', (measure) => {
    const asks = fc.array(fc.tuple(fc.integer({ min: 0, max: 4_000 }), maybe('agent'), maybe('print')), { maxLength: 120 })
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 6 }), fc.constantFrom('throttle', 'block'), (asked, limit, action) => {
        const windowMs = 20_000
        const set = breakerSetEvent({
          id: 'b',
          dimension: 'organization',
          measure,
          limit: BigInt(limit),
          windowMs,
          action,
          cooldownMs: 5_000,
        })
        let state = applyChanges(NO_ROWS, decide(NO_ROWS, [recordOf('org', set)]).changes)
        const granted = new Map<string, number[]>()
        let at = SAMPLE_AT
        for (const [index, [later, agent, fingerprint]] of asked.entries()) {
          at += later
          const { outcomes, changes } = decide(state, [recordOf('org', holdEvent({ id: `c${index}`, agent, fingerprint, at }), at)])
          state = applyChanges(state, changes)
          const key = measure === 'calls' ? '' : JSON.stringify([agent, fingerprint])
          if (outcomes[0]?.ok === true && (measure === 'calls' || fingerprint !== null)) granted.set(key, [...(granted.get(key) ?? []), at])
        }
        for (const times of granted.values()) {
          for (const from of times) expect(times.filter((time) => time >= from && time < from + windowMs).length).toBeLessThanOrEqual(limit)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('what a throttle refuses is granted when it said, if nothing else comes', () => {
    let reached = 0
    fc.assert(
      fc.property(commands, amount, (of, cost) => {
        const only = of.map((command): Command => {
          const { event } = command
          const throttles = event.kind === 'breaker_set' && event.setting.rule.action !== 'throttle'
          return throttles
            ? {
                ...command,
                event: {
                  kind: 'breaker_set',
                  setting: { ...event.setting, rule: { ...event.setting.rule, action: 'throttle', cooldownMs: 0 } },
                },
              }
            : command
        })
        const { state } = play(only, [1])
        const at = only.at(-1)?.recordedAt ?? SAMPLE_AT
        const ask = (now: number) =>
          decide(state, [recordOf('org', holdEvent({ id: 'last', agent: 'agent1', fingerprint: 'print1', amount: cost, at: now }), now)])
        const [first] = ask(at).outcomes
        if (first === undefined || first.ok || first.error.code !== 'throttled') return
        reached += 1
        const availableAt = Date.parse(String(first.error.facts?.available_at))
        expect(first.error.facts?.retry_after_seconds).toBe(Math.min(60, Math.max(1, Math.ceil((availableAt - at) / 1_000))))
        expect(ask(availableAt).outcomes[0]).toMatchObject({ ok: true })
        expect(ask(availableAt - 1).outcomes[0]).toMatchObject({ ok: false })
      }),
      { numRuns: 300 },
    )
    expect(reached).toBeGreaterThan(5)
  })
})
