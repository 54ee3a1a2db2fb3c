import { formatInstant, type Millis, picos, type Refusal, refusal, usdOfPicos } from '../../kernel/index.ts'
import type { BreakerObjection } from './judge.ts'
import { repeatedIn } from './matching.ts'
import type { BreakerRule } from './rule.ts'

/** A client waits no longer than this before it asks again, however long it is until there is room. */
const RETRY_SECONDS_MAX = 60

/**
 * Names every breaker that objects. `throttled` when all of them only hold back: then trying again helps, after `retry_after_seconds`. Else
 * `breaker_open`.
 */
export function breakerRefusal(objections: readonly BreakerObjection[], now: Millis): Refusal {
  const waits = objections.map(waitOf)
  const helps = waits.every((at) => at !== null)
  const availableAt = helps ? Math.max(...waits) : null
  const blocking = objections.find((objection) => waitOf(objection) === null) ?? objections[0]
  const others = objections.length === 1 ? '' : ` and ${objections.length - 1} more`
  const detail = blocking === undefined ? 'a breaker is open' : `${wordsOf(blocking)}${others}`
  const facts = { breakers: objections.map(factsOf) }
  if (availableAt === null) return refusal('breaker_open', detail, { facts })
  const seconds = Math.min(RETRY_SECONDS_MAX, Math.max(1, Math.ceil((availableAt - now) / 1_000)))
  return refusal('throttled', detail, { facts: { ...facts, retry_after_seconds: seconds, available_at: formatInstant(availableAt) } })
}

/** When to ask again; null where asking again is not the way. */
function waitOf({ match, availableAt }: BreakerObjection): Millis | null {
  return match.rule.action === 'throttle' ? availableAt : null
}

function wordsOf({ match, reason, counted, availableAt }: BreakerObjection): string {
  const { rule, key } = match
  const name = rule.name === null ? '' : ` "${rule.name}"`
  const seen = `${amountText(rule, counted)}${windowText(rule)}, of ${amountText(rule, rule.limit)}`
  const until =
    availableAt === null ? (rule.measure === 'depth' ? '' : '; waiting does not help') : `; it passes after ${formatInstant(availableAt)}`
  const what = reason === 'open' ? 'is open' : 'does not let this call pass'
  return `the breaker${name} on ${WORDS[rule.measure]} of ${rule.dimension} "${key.value}" ${what}: ${seen}${until}`
}

const WORDS: Readonly<Record<BreakerRule['measure'], string>> = {
  cost: 'cost',
  calls: 'calls',
  repeats: 'repetitions of the same call',
  fan_out: 'calls of one run',
  depth: 'nested runs',
  errors: 'calls that fail one after the other',
}

function amountText({ measure }: BreakerRule, amount: bigint): string {
  return measure === 'cost' ? `$${usdOfPicos(picos(amount))}` : amount.toString()
}

function windowText({ windowMs }: BreakerRule): string {
  return windowMs === 0 ? '' : ` in ${windowMs / 1_000} s`
}

/** How one breaker stands that objects, in the spelling of the wire. */
function factsOf({ match, reason, counted, openedAt, availableAt }: BreakerObjection): Record<string, unknown> {
  const { rule, key } = match
  const { measure, windowMs } = rule
  return {
    breaker_id: rule.id,
    name: rule.name,
    dimension: rule.dimension,
    value: key.value,
    measure,
    action: rule.action,
    reason,
    ...(measure === 'repeats' ? { prompt_fingerprint: repeatedIn(key.part).fingerprint } : {}),
    ...(measure === 'fan_out' || measure === 'depth' ? { workflow_id: key.part } : {}),
    ...(measure === 'cost'
      ? { limit_usd: amountText(rule, rule.limit).slice(1), counted_usd: amountText(rule, counted).slice(1) }
      : { limit: Number(rule.limit), counted: Number(counted) }),
    window_seconds: windowMs === 0 ? null : windowMs / 1_000,
    opened_at: openedAt === null ? null : formatInstant(openedAt),
    available_at: availableAt === null ? null : formatInstant(availableAt),
  }
}
