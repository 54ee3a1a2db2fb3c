import type { AgentChange, AgentCondition } from '../agent/state.ts'
import type { BreakerAction, BreakerMeasure, BreakerRow, BreakerRule, BreakerSetting, Trip } from '../breaker/rule.ts'
import type { BudgetDimension } from '../budget/rule.ts'
import { arrayOf, type Json, nullableNumber, nullableText, numberOf, textOf } from './json.ts'

export function encodeBreakerSetting({ id, rule }: BreakerSetting): Json {
  return [id, encodeBreaker(rule)]
}

export function decodeBreakerSetting([id, rule]: readonly Json[], organization: string): BreakerSetting {
  return { id: textOf(id), rule: decodeBreaker(arrayOf(rule), organization) }
}

/** A rule without its organization, which stands beside it wherever it is kept. */
export function encodeBreaker(rule: BreakerRule): Json {
  const { id, name, dimension, value, measure, limit, windowMs, action, cooldownMs, createdAt } = rule
  return [id, name, dimension, value, measure, limit.toString(), windowMs, action, cooldownMs, createdAt]
}

export function decodeBreaker(values: readonly Json[], organization: string): BreakerRule {
  const [id, name, dimension, value, measure, limit, windowMs, action, cooldownMs, createdAt] = values
  return {
    organization,
    id: textOf(id),
    name: nullableText(name ?? null),
    dimension: textOf(dimension) as BudgetDimension,
    value: textOf(value),
    measure: textOf(measure) as BreakerMeasure,
    limit: BigInt(textOf(limit)),
    windowMs: numberOf(windowMs),
    action: textOf(action) as BreakerAction,
    cooldownMs: numberOf(cooldownMs),
    createdAt: numberOf(createdAt),
  }
}

/** What a store keeps of a row beside its key and the time from which it says nothing. Nothing held is left out. */
export function encodeBreakerRow({ steps, latest, openedAt, openUntil }: BreakerRow): string {
  const written = steps.map(({ start, counted, held }) => [start, counted.toString(), ...(held === 0n ? [] : [held.toString()])])
  return JSON.stringify([written, latest, openedAt, openUntil])
}

export function decodeBreakerRow(
  key: Pick<BreakerRow, 'organization' | 'breaker' | 'value' | 'part' | 'expiresAt'>,
  body: string,
): BreakerRow {
  const [steps, latest, openedAt, openUntil] = arrayOf(JSON.parse(body) as Json)
  return {
    ...key,
    steps: arrayOf(steps).map((step) => {
      const [start, counted, held = '0'] = arrayOf(step)
      return { start: numberOf(start), counted: BigInt(textOf(counted)), held: BigInt(textOf(held)) }
    }),
    latest: numberOf(latest),
    openedAt: nullableNumber(openedAt ?? null),
    openUntil: nullableNumber(openUntil ?? null),
  }
}

export function encodeTrip({ breaker, value, part, measure, action, limit, counted, agent, at, until }: Trip): Json {
  return [breaker, value, part, measure, action, limit.toString(), counted.toString(), agent, at, until]
}

export function decodeTrip(row: Json): Trip {
  const [breaker, value, part, measure, action, limit, counted, agent, at, until] = arrayOf(row)
  return {
    breaker: textOf(breaker),
    value: textOf(value),
    part: textOf(part),
    measure: textOf(measure) as BreakerMeasure,
    action: textOf(action) as BreakerAction,
    limit: BigInt(textOf(limit)),
    counted: BigInt(textOf(counted)),
    agent: nullableText(agent ?? null),
    at: numberOf(at),
    until: nullableNumber(until ?? null),
  }
}

export function encodeAgentChange({ id, agent, state, reason, breaker, at }: AgentChange): Json {
  return [id, agent, state, reason, breaker, at]
}

export function decodeAgentChange([id, agent, state, reason, breaker, at]: readonly Json[]): AgentChange {
  return {
    id: textOf(id),
    agent: textOf(agent),
    state: textOf(state) as AgentCondition,
    reason: nullableText(reason ?? null),
    breaker: nullableText(breaker ?? null),
    at: numberOf(at),
  }
}
