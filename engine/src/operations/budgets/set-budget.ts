import { type Budget, type BudgetSet, type BudgetWasSet, setBudget } from '@purser/contract'
import { watchedOf } from '../../alerts/index.ts'
import { ALL_TIME, fail, isZone, type Millis, ok, type Period, parsePeriod, type Result, refusal } from '../../kernel/index.ts'
import { type AuditDraft, type BudgetRule, EVERY_VALUE, type RecordCommand, windowStart } from '../../ledger/index.ts'
import { watchThresholds } from '../alerts/watch-thresholds.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Caller, Services } from '../context.ts'
import { implement } from '../operation.ts'
import { dimensionOf, statedAmount } from '../validation/index.ts'
import { budgetAnswer } from '../wire/budget-answer.ts'
import { openingOf } from './opening.ts'
import { reachable } from './reachable.ts'

/** Sets a budget, or changes the one that counts the same. It counts what its period has seen so far. Audited. */
export const setBudgetOperation = implement(setBudget, async ({ services, caller }, input): Promise<Result<BudgetWasSet>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const now = services.now()
  const stated = statedRule(input, organization.value, now)
  if (!stated.ok) return stated
  const rules = await services.ledger.budgets(organization.value)
  const known = rules.find((rule) =>
    typeof input.budget_id === 'string' ? rule.id === input.budget_id : countsTheSame(rule, stated.value),
  )
  const reach = reachable(
    stated.value,
    rules.filter((rule) => rule !== known),
  )
  if (!reach.ok) return reach
  const key = await keyOfValue(services, stated.value)
  if (!key.ok) return key
  const id = known?.id ?? input.budget_id ?? services.newId()
  const watched = watchedOf({ ...stated.value, id }, await services.alerts.webhooks(organization.value))
  const rule: BudgetRule = { ...stated.value, id, ...(watched.length === 0 ? {} : { watched }) }
  const replaced = known === undefined ? null : budgetAnswer(known)
  const set = await submitSetting(services, rule, known === undefined, auditOf(caller, budgetAnswer(rule), replaced, now))
  if (!set.ok) return set
  await watchThresholds(services, organization.value, caller.actor)
  return ok({ budget: budgetAnswer(set.value), replaced })
})

/** Ids of keys are ours: no call is ever reported with one that does not exist here. */
async function keyOfValue({ keys }: Services, { dimension, value, organization }: Omit<BudgetRule, 'id'>): Promise<Result<null>> {
  if (dimension !== 'key' || value === EVERY_VALUE) return ok(null)
  const key = await keys.key(value)
  if (key !== null && (key.organization === null || key.organization === organization)) return ok(null)
  return fail(refusal('invalid_field', `there is no key "${value}" here: no call can be reported with it`, { path: '/value' }))
}

/** A rule as an input that sets it: what is not to change stays as it is. */
export function settingOf(rule: BudgetRule): BudgetSet {
  const { created_at: _, counts_from: __, ...setting } = budgetAnswer(rule)
  const { mode, unpriced } = rule
  return { ...setting, mode, unpriced }
}

/** A budget's opening is computed beside the ledger; while calls are being re-priced it may have to be computed again. */
async function submitSetting(services: Services, rule: BudgetRule, isNew: boolean, audit: AuditDraft): Promise<Result<BudgetRule>> {
  for (let attempt = 1; ; attempt++) {
    const opening = isNew ? await openingOf(services.ledger, rule) : { counters: [], throughSeq: services.committer.head() }
    const command: RecordCommand = {
      kind: 'record',
      organization: rule.organization,
      recordedAt: services.now(),
      event: { kind: 'budget_set', setting: { id: services.newId(), rule, opening: opening.counters, throughSeq: opening.throughSeq } },
      audit,
    }
    const posted = await services.committer.submit(command)
    if (posted.ok) return ok(posted.value.entry.event.kind === 'budget_set' ? posted.value.entry.event.setting.rule : rule)
    if (posted.error.code !== 'unavailable' || attempt === ATTEMPTS) return posted
  }
}

const ATTEMPTS = 5

function statedRule(input: BudgetSet, organization: string, now: Millis): Result<Omit<BudgetRule, 'id'>> {
  const dimension = dimensionOf(input.dimension)
  if (!dimension.ok) return dimension
  const period = parsePeriod(input.period)
  if (!period.ok) return fail({ ...period.error, path: '/period' })
  const zone = input.zone ?? 'UTC'
  if (!isZone(zone)) return fail(refusal('invalid_period', `"${zone}" is not an IANA time zone`, { path: '/zone' }))
  const limit = statedAmount(input.limit_usd, '/limit_usd')
  if (!limit.ok) return limit
  const thresholds = input.thresholds ?? [75, 90, 100]
  return ok({
    organization,
    name: input.name ?? null,
    dimension: dimension.value,
    value: input.value ?? EVERY_VALUE,
    period: period.value,
    zone,
    limit: limit.value,
    mode: input.mode ?? 'hard',
    thresholds: [...new Set(thresholds)].sort((a, b) => a - b),
    unpriced: input.unpriced ?? 'deny',
    createdAt: now,
    countsFrom: countsFrom(period.value, zone, now),
  })
}

function countsFrom(period: Period, zone: string, now: Millis): Millis {
  return period.unit === 'total' ? ALL_TIME.start : windowStart(period, zone, now)
}

function countsTheSame(a: BudgetRule, b: Omit<BudgetRule, 'id'>): boolean {
  return a.dimension === b.dimension && a.value === b.value && a.zone === b.zone && periodKey(a.period) === periodKey(b.period)
}

function periodKey(period: Period): string {
  return period.unit === 'rolling' ? `rolling ${period.lengthMs}` : period.unit
}

function auditOf(caller: Caller, after: Budget, before: Budget | null, at: Millis): AuditDraft {
  return {
    at,
    organization: after.organization_id,
    actor: caller.actor,
    action: 'set_budget',
    target: after.budget_id,
    before: before === null ? null : JSON.stringify(before),
    after: JSON.stringify(after),
  }
}
