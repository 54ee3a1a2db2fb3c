import type { Budget, BudgetSet, BudgetWasSet } from '@purser/contract'
import { watchedOf } from '../../alerts/index.ts'
import { assert, fail, type Millis, ok, type Result, refusal } from '../../kernel/index.ts'
import { type AuditDraft, type BudgetRule, EVERY_VALUE, type Posted, type RecordCommand } from '../../ledger/index.ts'
import { watchThresholds } from '../alerts/watch-thresholds.ts'
import type { Caller, Context, Services } from '../context.ts'
import { budgetAnswer } from '../wire/budget-answer.ts'
import { openingOf } from './opening.ts'
import { reachable } from './reachable.ts'
import { removalOf } from './remove-budget.ts'
import { countsTheSame, statedRule } from './stated-rule.ts'

/** What is done to the budgets of one organization in one transaction. */
export interface BudgetPlan {
  readonly set: readonly WantedBudget[]
  /** Budgets that make room for others. */
  readonly remove?: readonly BudgetRule[]
  /** What else is posted with them, before them. */
  readonly first?: readonly RecordCommand[]
}

export interface WantedBudget {
  readonly input: BudgetSet
  /** Of the change, so that it is done once; a new one when left out. */
  readonly settingId?: string
  /** Which field of the caller's input is the limit; `/limit_usd` when left out. */
  readonly limitPath?: string
}

export interface BudgetsWereSet {
  /** One for each that is wanted. */
  readonly budgets: readonly BudgetWasSet[]
  /** What became of `first`. */
  readonly first: readonly Posted[]
}

/**
 * Sets budgets, or changes those that count the same, and removes others, all or none, in one transaction: a crash, a refusal or another node finds the
 * whole or nothing. They count what their periods have seen so far. What must be reachable is what there is when all is done. Audited.
 */
export async function setTogether(context: Context, organization: string, plan: BudgetPlan): Promise<Result<BudgetsWereSet>> {
  const { services, caller } = context
  const prepared = await prepare(context, organization, plan)
  if (!prepared.ok) return prepared
  const posted = await submit(context, plan, prepared.value)
  if (!posted.ok) return posted
  await watchThresholds(services, organization, caller.actor)
  const first = plan.first?.length ?? 0
  const settings = posted.value.slice(first + (plan.remove?.length ?? 0))
  const budgets = settings.map(({ entry: { event } }, at) => {
    assert(event.kind === 'budget_set', 'a budget is set by its own event')
    return { budget: budgetAnswer(event.setting.rule), replaced: prepared.value[at]?.replaced ?? null }
  })
  return ok({ budgets, first: posted.value.slice(0, first) })
}

interface Prepared {
  readonly rule: BudgetRule
  readonly replaced: Budget | null
  readonly settingId: string | undefined
}

async function prepare({ services }: Context, organization: string, { set, remove = [] }: BudgetPlan): Promise<Result<Prepared[]>> {
  const now = services.now()
  const webhooks = await services.alerts.webhooks(organization)
  let rules = (await services.ledger.budgets(organization)).filter(({ id }) => !remove.some((gone) => gone.id === id))
  const prepared: Prepared[] = []
  for (const { input, settingId } of set) {
    const stated = statedRule(input, organization, now)
    if (!stated.ok) return stated
    const known = rules.find((rule) =>
      typeof input.budget_id === 'string' ? rule.id === input.budget_id : countsTheSame(rule, stated.value),
    )
    const key = await keyOfValue(services, stated.value)
    if (!key.ok) return key
    const id = known?.id ?? input.budget_id ?? services.newId()
    const watched = watchedOf({ ...stated.value, id }, webhooks)
    const rule: BudgetRule = { ...stated.value, id, ...(watched.length === 0 ? {} : { watched }) }
    prepared.push({ rule, replaced: known === undefined ? null : budgetAnswer(known), settingId })
    rules = [...rules.filter((other) => other !== known), rule]
  }
  for (const [at, { rule }] of prepared.entries()) {
    const others = rules.filter((other) => other !== rule)
    const reach = reachable(rule, others)
    if (!reach.ok)
      return fail(reach.error.path === '/limit_usd' ? { ...reach.error, path: set[at]?.limitPath ?? '/limit_usd' } : reach.error)
  }
  return ok(prepared)
}

/** Ids of keys are ours: no call is ever reported with one that does not exist here. */
async function keyOfValue({ keys }: Services, { dimension, value, organization }: Omit<BudgetRule, 'id'>): Promise<Result<null>> {
  if (dimension !== 'key' || value === EVERY_VALUE) return ok(null)
  const key = await keys.key(value)
  if (key !== null && (key.organization === null || key.organization === organization)) return ok(null)
  return fail(refusal('invalid_field', `there is no key "${value}" here: no call can be reported with it`, { path: '/value' }))
}

/** Openings are computed beside the ledger; while calls are being re-priced they may have to be computed again. */
async function submit(
  { services, caller }: Context,
  { remove = [], first = [] }: BudgetPlan,
  prepared: readonly Prepared[],
): Promise<Result<Posted[]>> {
  for (let attempt = 1; ; attempt++) {
    const commands = [...first, ...remove.map((rule) => removalOf(services, caller, rule))]
    for (const each of prepared) commands.push(await settingOf(services, caller, each))
    const together = services.newId()
    const outcomes = await services.committer.submitAll(commands.map((command) => ({ ...command, together })))
    const posted = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []))
    if (posted.length === outcomes.length) return ok(posted)
    const refused = outcomes.find((outcome) => !outcome.ok)
    assert(refused?.ok === false && posted.length === 0, 'what is posted together is posted all or none')
    if (refused.error.code !== 'unavailable' || attempt === ATTEMPTS) return refused
  }
}

const ATTEMPTS = 5

async function settingOf(services: Services, caller: Caller, { rule, replaced, settingId }: Prepared): Promise<RecordCommand> {
  const opening = replaced === null ? await openingOf(services.ledger, rule) : { counters: [], throughSeq: services.committer.head() }
  const now = services.now()
  return {
    kind: 'record',
    organization: rule.organization,
    recordedAt: now,
    event: {
      kind: 'budget_set',
      setting: { id: settingId ?? services.newId(), rule, opening: opening.counters, throughSeq: opening.throughSeq },
    },
    audit: auditOf(caller, budgetAnswer(rule), replaced, now),
  }
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
