import { type DiscountTiers, listDiscounts, setDiscounts } from '@purser/contract'
import {
  decimalOfNumber,
  fail,
  formatInstant,
  isWholePicos,
  ok,
  parseDecimal,
  picosOfDecimal,
  type Result,
  refusal,
  usdOfPicos,
} from '../../kernel/index.ts'
import type { Discounts, DiscountTier } from '../../pricing/index.ts'
import { organizationOf } from '../authority/scope.ts'
import { implement } from '../operation.ts'

/** The volume discounts that an organization has declared; an empty list when it has declared none. */
export const listDiscountsOperation = implement(listDiscounts, async ({ services, caller }, input): Promise<Result<DiscountTiers>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const known = await services.discounts.discounts(organization.value)
  return ok(answerOf(organization.value, known))
})

/** Declares volume discounts in place of those before. Audited. */
export const setDiscountsOperation = implement(setDiscounts, async ({ services, caller }, input): Promise<Result<DiscountTiers>> => {
  const organization = organizationOf(caller, input.organization_id)
  if (!organization.ok) return organization
  const tiers = orderedTiers(input.tiers)
  if (!tiers.ok) return tiers
  const at = services.now()
  const before = await services.discounts.discounts(organization.value)
  const discounts: Discounts = { organization: organization.value, setAt: at, tiers: tiers.value }
  await services.discounts.putDiscounts(discounts, {
    at,
    organization: organization.value,
    actor: caller.actor,
    action: 'set_discounts',
    target: organization.value,
    before: before === null ? null : JSON.stringify(answerOf(organization.value, before).tiers),
    after: JSON.stringify(answerOf(organization.value, discounts).tiers),
  })
  return ok(answerOf(organization.value, discounts))
})

interface StatedTier {
  readonly name: string
  readonly from_usd: string | number
  readonly discount_pct: number
}

/** By their thresholds. Two of one threshold, or one that gives less than a smaller volume does, are mistakes. */
function orderedTiers(stated: readonly StatedTier[]): Result<DiscountTier[]> {
  const tiers: { tier: DiscountTier; from: bigint; path: string }[] = []
  for (const [index, { name, from_usd: text, discount_pct: percent }] of stated.entries()) {
    const value = typeof text === 'number' ? decimalOfNumber(text) : parseDecimal(text)
    if (value === null || !isWholePicos(value)) {
      return fail(refusal('invalid_field', 'a threshold has at most 12 decimals', { path: `/tiers/${index}/from_usd` }))
    }
    const from = picosOfDecimal(value)
    tiers.push({ tier: { name, fromUsd: usdOfPicos(from), percent }, from, path: `/tiers/${index}` })
  }
  tiers.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
  for (const [index, { tier, from, path }] of tiers.entries()) {
    const below = tiers[index - 1]
    if (below === undefined) continue
    if (below.from === from) return fail(refusal('invalid_field', 'two tiers begin at one volume', { path: `${path}/from_usd` }))
    if (below.tier.percent > tier.percent) {
      return fail(refusal('invalid_field', 'a tier of more volume gives less than one of less', { path: `${path}/discount_pct` }))
    }
  }
  return ok(tiers.map(({ tier }) => tier))
}

function answerOf(organization: string, discounts: Discounts | null): DiscountTiers {
  return {
    organization_id: organization,
    tiers: (discounts?.tiers ?? []).map(({ name, fromUsd, percent }) => ({ name, from_usd: fromUsd, discount_pct: percent })),
    set_at: discounts === null ? null : formatInstant(discounts.setAt),
  }
}
