import type { Breaker, OpenBreaker } from '@purser/contract'
import { formatInstant, type Millis, picos, usdOfPicos } from '../../kernel/index.ts'
import { type BreakerRow, type BreakerRule, countedIn, isOpen, repeatedIn, roomAt, stepsAt } from '../../ledger/index.ts'
import { timeText } from './measures-answer.ts'

/** A breaker in the spelling of the wire. */
export function breakerAnswer(rule: BreakerRule): Breaker {
  const isCost = rule.measure === 'cost'
  return {
    breaker_id: rule.id,
    organization_id: rule.organization,
    name: rule.name,
    dimension: rule.dimension,
    value: rule.value,
    measure: rule.measure,
    limit: isCost ? null : Number(rule.limit),
    limit_usd: isCost ? usdOfPicos(picos(rule.limit)) : null,
    window_seconds: rule.windowMs === 0 ? null : rule.windowMs / 1_000,
    action: rule.action,
    cooldown_seconds: rule.cooldownMs === 0 ? null : rule.cooldownMs / 1_000,
    created_at: formatInstant(rule.createdAt),
  }
}

/** The rows in which a rule is open now, the one that opened last first. */
export function openBreakers(rule: BreakerRule, rows: readonly BreakerRow[], now: Millis): OpenBreaker[] {
  return rows
    .filter((row) => row.organization === rule.organization && row.breaker === rule.id && isOpen(rule, row, now))
    .sort((a, b) => (b.openedAt ?? 0) - (a.openedAt ?? 0))
    .map((row) => openBreaker(rule, row, now))
}

function openBreaker(rule: BreakerRule, row: BreakerRow, now: Millis): OpenBreaker {
  const { measure, action } = rule
  const steps = stepsAt(rule, row, now)
  const counted = countedIn(steps)
  const repeated = measure === 'repeats' ? repeatedIn(row.part) : null
  const room = roomAt(rule, steps, rule.limit - 1n, now)
  return {
    breaker_id: rule.id,
    organization_id: rule.organization,
    name: rule.name,
    dimension: rule.dimension,
    value: row.value,
    measure,
    action,
    agent_name: repeated?.agent ?? null,
    prompt_fingerprint: repeated?.fingerprint ?? null,
    workflow_id: measure === 'fan_out' ? row.part : null,
    counted: measure === 'cost' ? null : Number(counted),
    counted_usd: measure === 'cost' ? usdOfPicos(picos(counted)) : null,
    since: timeText(row.openedAt),
    until: measure === 'errors' && action !== 'throttle' ? timeText(row.openUntil) : formatInstant(Math.max(room, row.openUntil ?? 0)),
  }
}
