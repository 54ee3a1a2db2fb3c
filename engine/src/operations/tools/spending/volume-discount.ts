import { getVolumeDiscount } from '@purser/contract'
import { knownCost } from '../../../calls/index.ts'
import { ok, picos, type Result } from '../../../kernel/index.ts'
import { discountAt } from '../../../pricing/index.ts'
import { answering } from '../../analytics/faults.ts'
import { implementTool } from '../tool.ts'
import { periodNow } from './days.ts'
import { callsOfAgent, costMember, sumsOf } from './spending.ts'

/** The tier that an agent's spending of this month has reached, of those that its organization has declared. */
export const getVolumeDiscountTool = implementTool(getVolumeDiscount, (context): Promise<Result<unknown>> => {
  return answering(async () => {
    const { services, organization, agent } = context
    const month = periodNow('month', services.now())
    const [declared, sums] = await Promise.all([
      services.discounts.discounts(organization),
      sumsOf(context, callsOfAgent(context, { from: month.start, to: month.end })),
    ])
    const { current, next } = discountAt(declared?.tiers ?? [], knownCost(sums) ?? picos(0n))
    return ok({
      agent_id: agent,
      current_tier: current?.name ?? 'none',
      discount_pct: current?.percent ?? 0,
      ...costMember('monthly_volume', sums),
      ...(next === null ? {} : { next_tier: next.name, next_tier_threshold: next.fromUsd, next_tier_discount_pct: next.percent }),
    })
  })
})
