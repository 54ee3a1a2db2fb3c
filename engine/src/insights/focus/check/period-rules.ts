import type { Cells } from './cells.ts'
import { isNationalCurrency } from './cells.ts'
import { type FocusRule, rowRule } from './rule.ts'

const AI_SUBCATEGORIES: ReadonlySet<string> = new Set([
  'AI Platforms',
  'Bots',
  'Generative AI',
  'Machine Learning',
  'Natural Language Processing',
  'Other (AI and Machine Learning)',
])

function isNotBefore(cells: Cells, one: string, other: string): boolean {
  const [from, to] = [cells.time(one), cells.time(other)]
  return from !== null && to !== null && from >= to
}

/** Times, and what stands beside them. */
export const PERIOD_RULES: readonly FocusRule[] = [
  ...['BillingPeriod', 'ChargePeriod'].map((name) =>
    rowRule(`${name}.order`, [`${name}Start`, `${name}End`], `${name}Start must be before ${name}End`, (cells) =>
      isNotBefore(cells, `${name}Start`, `${name}End`),
    ),
  ),
  rowRule(
    'ChargePeriod.in-billing-period',
    ['ChargePeriodStart', 'ChargePeriodEnd', 'BillingPeriodStart', 'BillingPeriodEnd'],
    'a charge period must lie within one billing period',
    (cells) => {
      const [start, end] = [cells.time('ChargePeriodStart'), cells.time('ChargePeriodEnd')]
      const [from, to] = [cells.time('BillingPeriodStart'), cells.time('BillingPeriodEnd')]
      // Periods that are no periods break the rules about their order.
      if (start === null || end === null || from === null || to === null || start >= end || from >= to) return false
      return start < from || end > to
    },
  ),
  rowRule(
    'ServiceSubcategory.parent',
    ['ServiceSubcategory', 'ServiceCategory'],
    'a ServiceSubcategory must belong to its ServiceCategory (checked for AI and Machine Learning)',
    (cells) => {
      const subcategory = cells.text('ServiceSubcategory')
      if (subcategory === null || cells.isNull('ServiceCategory')) return false
      const isAi = cells.text('ServiceCategory') === 'AI and Machine Learning'
      return isAi && !AI_SUBCATEGORIES.has(subcategory)
    },
  ),
  {
    id: 'PricingCurrency.virtual',
    text: 'prices in a virtual currency must come with unit prices and effective cost in it',
    severity: 'must',
    columns: ['PricingCurrency'],
    watch: ({ has }) => {
      const missing = ['ContractedUnitPrice', 'EffectiveCost', 'ListUnitPrice'].filter((name) => !has(`PricingCurrency${name}`))
      return { row: (cells) => missing.length > 0 && !isNationalCurrency(cells.text('PricingCurrency') ?? 'USD') }
    },
  },
]
