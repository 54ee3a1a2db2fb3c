import {
  type AllocationRuleAnswer,
  type AllocationRuleRemoved,
  type AllocationRuleSet,
  listAllocationRules,
  removeAllocationRule,
  setAllocationRule,
} from '@purser/contract'
import type { Filter } from '../../calls/index.ts'
import type { AllocationRule } from '../../insights/index.ts'
import { decimalOfNumber, fail, formatInstant, type Millis, ok, parseDecimal, type Result, refusal } from '../../kernel/index.ts'
import type { AuditDraft } from '../../ledger/index.ts'
import { organizationOf } from '../authority/scope.ts'
import type { Services } from '../context.ts'
import { implement } from '../operation.ts'
import { timeOr } from '../validation/index.ts'
import { dimensionOf } from '../wire/question.ts'

const KIND = 'allocation_rule'
const POSITION = 100

/** A rule as it is kept: as it was stated, with what was left out. */
type KeptRule = Omit<AllocationRuleAnswer, 'rule_id' | 'organization_id'>

/** Declares how a shared cost is divided. Audited. */
export const setAllocationRuleOperation = implement(
  setAllocationRule,
  async ({ services, caller }, input): Promise<Result<AllocationRuleAnswer>> => {
    const organization = organizationOf(caller, input.organization_id)
    if (!organization.ok) return organization
    const stated = statedRule(input)
    if (!stated.ok) return stated
    const id = input.rule_id ?? services.newId()
    const answer = answerOf(organization.value, id, stated.value)
    const before = await services.documents.document({ organization: organization.value, kind: KIND, id })
    const at = services.now()
    const audit = { at, organization: organization.value, actor: caller.actor, action: 'set_allocation_rule', target: id }
    const after = JSON.stringify(stated.value)
    const change = { organization: organization.value, kind: KIND, id, at: stated.value.position, body: after, basedOn: null }
    await services.documents.putDocuments([change], [{ ...audit, before: before?.body ?? null, after }])
    return ok(answer)
  },
)

export const listAllocationRulesOperation = implement(listAllocationRules, async ({ services, caller }, input) => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const kept = await services.documents.documents(organization.value, { kind: KIND })
  return ok({ rules: kept.map(({ id, body }) => answerOf(organization.value, id, JSON.parse(body) as KeptRule)) })
})

export const removeAllocationRuleOperation = implement(
  removeAllocationRule,
  async ({ services, caller }, input): Promise<Result<AllocationRuleRemoved>> => {
    const organization = organizationOf(caller, input.organization_id)
    if (!organization.ok) return organization
    const key = { organization: organization.value, kind: KIND, id: input.rule_id }
    const kept = await services.documents.document(key)
    if (kept === null) return fail(refusal('not_found', `there is no rule "${input.rule_id}" here`, { path: '/rule_id' }))
    const at = services.now()
    const audit: AuditDraft = {
      at,
      organization: key.organization,
      actor: caller.actor,
      action: 'remove_allocation_rule',
      target: key.id,
      before: kept.body,
      after: null,
    }
    await services.documents.putDocuments([{ ...key, at: kept.at, body: null, basedOn: null }], [audit])
    return ok({ rule_id: key.id, organization_id: key.organization })
  },
)

/** The rules of an organization as insights apply them, in their order. */
export async function allocationRules({ documents }: Pick<Services, 'documents'>, organization: string): Promise<AllocationRule[]> {
  const kept = await documents.documents(organization, { kind: KIND })
  return kept.map(({ id, body }) => ruleOf(id, JSON.parse(body) as KeptRule))
}

function ruleOf(id: string, { name, dimension, shared, method, basis, targets, from, to }: KeptRule): AllocationRule {
  const at = (text: string | null): Millis | null => (text === null ? null : Date.parse(text))
  return {
    id,
    name,
    dimension: dimension as AllocationRule['dimension'],
    shared: shared as readonly Filter[],
    method,
    basis: basis as AllocationRule['basis'],
    targets: targets.map(({ value, weight }) => ({ value, weight: weight === null ? null : parseDecimal(weight) })),
    from: at(from),
    to: at(to),
  }
}

function answerOf(organization_id: string, rule_id: string, kept: KeptRule): AllocationRuleAnswer {
  return { rule_id, organization_id, ...kept }
}

function statedRule(input: AllocationRuleSet): Result<KeptRule> {
  const dimension = dimensionOf(input.dimension, '/dimension')
  if (!dimension.ok) return dimension
  const shared: KeptRule['shared'] = []
  for (const [index, filter] of input.shared.entries()) {
    const known = dimensionOf(filter.dimension, `/shared/${index}/dimension`)
    if (!known.ok) return known
    shared.push({ dimension: known.value, in: filter.in })
  }
  const targets = statedTargets(input)
  if (!targets.ok) return targets
  const from = timeOr(input.from, '/from', null)
  if (!from.ok) return from
  const to = timeOr(input.to, '/to', null)
  if (!to.ok) return to
  if (from.value !== null && to.value !== null && from.value >= to.value) {
    return fail(refusal('invalid_period', 'the rule ends before it begins', { path: '/to' }))
  }
  const { method } = input
  if (method !== 'proportional' && input.basis !== undefined && input.basis !== null) {
    return fail(refusal('invalid_field', `a basis belongs to the method proportional, not to ${method}`, { path: '/basis' }))
  }
  return ok({
    position: input.position ?? POSITION,
    name: input.name ?? null,
    dimension: dimension.value,
    shared,
    method,
    basis: method === 'proportional' ? (input.basis ?? 'cost') : null,
    targets: targets.value,
    from: from.value === null ? null : formatInstant(from.value),
    to: to.value === null ? null : formatInstant(to.value),
  })
}

function statedTargets({ method, targets, shared, dimension }: AllocationRuleSet): Result<KeptRule['targets']> {
  const stated = targets ?? []
  const weighed = method === 'percent' || method === 'weights'
  if (weighed && stated.length === 0)
    return fail(refusal('missing_field', `the method ${method} needs targets with a weight each`, { path: '/targets' }))
  const seen = new Set<string>()
  const kept: KeptRule['targets'] = []
  for (const [index, { value, weight }] of stated.entries()) {
    const path = `/targets/${index}`
    if (seen.has(value)) return fail(refusal('invalid_field', `"${value}" is there twice`, { path: `${path}/value` }))
    seen.add(value)
    if (shared.every((filter) => filter.dimension === dimension && filter.in.includes(value)))
      return fail(refusal('invalid_field', `"${value}" is what the rule shares, so it cannot bear a part of it`, { path: `${path}/value` }))
    const given = weight ?? null
    if (weighed && given === null)
      return fail(refusal('missing_field', `the method ${method} needs a weight for each target`, { path: `${path}/weight` }))
    if (!weighed && given !== null)
      return fail(refusal('invalid_field', `the method ${method} takes no weights`, { path: `${path}/weight` }))
    const decimal = given === null ? null : typeof given === 'number' ? decimalOfNumber(given) : parseDecimal(given)
    if (given !== null && (decimal === null || decimal.scale > 12))
      return fail(refusal('invalid_field', 'a weight is a decimal with at most 12 decimals', { path: `${path}/weight` }))
    kept.push({ value, weight: given === null ? null : String(given) })
  }
  return weighed ? checkedSum(method, kept) : ok(kept)
}

function checkedSum(method: 'percent' | 'weights', targets: KeptRule['targets']): Result<KeptRule['targets']> {
  const SCALE = 12
  const sum = targets.reduce((total, { weight }) => {
    const { digits, scale } = parseDecimal(weight ?? '0') ?? { digits: 0n, scale: 0 }
    return total + digits * 10n ** BigInt(SCALE - scale)
  }, 0n)
  if (sum === 0n) return fail(refusal('invalid_field', 'at least one weight is above zero', { path: '/targets' }))
  if (method === 'percent' && sum > 100n * 10n ** BigInt(SCALE))
    return fail(refusal('invalid_field', 'the percentages add up to more than 100', { path: '/targets' }))
  return ok(targets)
}
