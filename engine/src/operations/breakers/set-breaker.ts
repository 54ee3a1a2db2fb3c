import { type Breaker, type BreakerSet, type BreakerWasSet, setBreaker } from '@purser/contract'
import { fail, type Millis, ok, type Refusal, type Result, refusal } from '../../kernel/index.ts'
import { type AuditDraft, type BreakerRule, EVERY_VALUE, type RecordCommand, watchesTheSame } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller } from '../context.ts'
import { implement } from '../operation.ts'
import { dimensionOf, statedAmount } from '../validation/index.ts'
import { breakerAnswer } from '../wire/breaker-answer.ts'

/** Sets a breaker, or changes the one that watches the same with the same action. It knows what happens from now on. Audited. */
export const setBreakerOperation = implement(setBreaker, async ({ services, caller }, input): Promise<Result<BreakerWasSet>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const now = services.now()
  const stated = statedRule(input, organization.value, now)
  if (!stated.ok) return stated
  const rules = await services.ledger.breakers(organization.value)
  const known = rules.find((rule) =>
    typeof input.breaker_id === 'string'
      ? rule.id === input.breaker_id
      : watchesTheSame(rule, stated.value) && rule.action === stated.value.action,
  )
  const rule: BreakerRule = { ...stated.value, id: known?.id ?? input.breaker_id ?? services.newId(), createdAt: known?.createdAt ?? now }
  const replaced = known === undefined ? null : breakerAnswer(known)
  const breaker = breakerAnswer(rule)
  const command: RecordCommand = {
    kind: 'record',
    organization: rule.organization,
    recordedAt: now,
    event: { kind: 'breaker_set', setting: { id: services.newId(), rule } },
    audit: auditOf(caller, breaker, replaced, now),
  }
  const posted = await services.committer.submit(command)
  return posted.ok ? ok({ breaker, replaced }) : posted
})

/** A block without a cooldown lasts as long as its window. */
function statedRule(input: BreakerSet, organization: string, now: Millis): Result<Omit<BreakerRule, 'id'>> {
  const dimension = dimensionOf(input.dimension)
  if (!dimension.ok) return dimension
  const wrong = wrongTogether(input)
  if (wrong !== null) return fail(wrong)
  const limit = statedLimit(input)
  if (!limit.ok) return limit
  const { measure, action, window_seconds, cooldown_seconds } = input
  const windowMs = (window_seconds ?? 0) * 1_000
  return ok({
    organization,
    name: input.name ?? null,
    dimension: dimension.value,
    value: input.value ?? EVERY_VALUE,
    measure,
    limit: limit.value,
    windowMs,
    action,
    cooldownMs: action === 'block' ? (typeof cooldown_seconds === 'number' ? cooldown_seconds * 1_000 : windowMs) : 0,
    createdAt: now,
  })
}

/** What does not work together, and why. */
function wrongTogether({ measure, action, window_seconds, cooldown_seconds }: BreakerSet): Refusal | null {
  const hasWindow = typeof window_seconds === 'number'
  if (measure === 'depth' && action !== 'block') {
    const why =
      action === 'throttle' ? 'a call does not become less deep by waiting' : 'a refusal changes nothing, so it cannot pause an agent'
    return refusal('invalid_field', `depth works with block only: ${why}`, { path: '/action' })
  }
  if (measure === 'depth' && hasWindow) {
    return refusal('invalid_field', 'depth has no window: it refuses each call that is nested too deep', { path: '/window_seconds' })
  }
  if (measure !== 'depth' && !hasWindow) {
    return refusal('missing_field', `say over how many seconds ${measure} is watched`, { path: '/window_seconds' })
  }
  if (typeof cooldown_seconds === 'number' && (action !== 'block' || measure === 'depth')) {
    const why =
      action === 'throttle'
        ? 'a throttle ends when the window has room'
        : action === 'pause'
          ? 'a pause ends when the agent is resumed'
          : 'depth never opens'
    return refusal('invalid_field', `only a block has a cooldown: ${why}`, { path: '/cooldown_seconds' })
  }
  return null
}

function statedLimit({ measure, limit, limit_usd }: BreakerSet): Result<bigint> {
  if (measure === 'cost') {
    if (typeof limit === 'number') return fail(refusal('invalid_field', 'a limit on cost is an amount: say limit_usd', { path: '/limit' }))
    if (limit_usd === undefined || limit_usd === null)
      return fail(refusal('missing_field', 'say how many dollars may pass', { path: '/limit_usd' }))
    const amount = statedAmount(limit_usd, '/limit_usd')
    if (!amount.ok) return amount
    return amount.value > 0n
      ? ok(amount.value)
      : fail(refusal('invalid_field', 'a limit of nothing lets nothing pass: stop the agent instead', { path: '/limit_usd' }))
  }
  if (limit_usd !== undefined && limit_usd !== null) {
    return fail(refusal('invalid_field', `a limit on ${measure} is a count: say limit`, { path: '/limit_usd' }))
  }
  if (typeof limit !== 'number') return fail(refusal('missing_field', `say how many of ${measure} may pass`, { path: '/limit' }))
  return limit >= 1
    ? ok(BigInt(limit))
    : fail(refusal('invalid_field', 'a limit below 1 lets nothing pass: stop the agent instead', { path: '/limit' }))
}

function auditOf(caller: Caller, after: Breaker, before: Breaker | null, at: Millis): AuditDraft {
  return {
    at,
    organization: after.organization_id,
    actor: caller.actor,
    action: 'set_breaker',
    target: after.breaker_id,
    before: before === null ? null : JSON.stringify(before),
    after: JSON.stringify(after),
  }
}
