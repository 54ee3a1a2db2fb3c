import type { Decimal } from '../../../kernel/index.ts'
import { isSame, product, sum } from '../exact.ts'
import { type Cells, keyValuesOf } from './cells.ts'
import { type FocusRule, rowRule, unseenRule } from './rule.ts'

const CATEGORIES: ReadonlySet<string> = new Set(['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'])

/** The category of a row; null where it is none: then no rule about categories says anything. */
function category(cells: Cells): string | null {
  const text = cells.text('ChargeCategory')
  return text !== null && CATEGORIES.has(text) ? text : null
}

function isPriced(cells: Cells): boolean {
  return ['Usage', 'Purchase'].includes(category(cells) ?? '') && cells.isNull('ChargeClass')
}

function isNotUsage(cells: Cells): boolean {
  return category(cells) !== null && category(cells) !== 'Usage'
}

/** Both or neither. */
function isHalf(cells: Cells, one: string, other: string): boolean {
  return cells.isNull(one) !== cells.isNull(other)
}

const KIND = ['ChargeCategory', 'ChargeClass']

/** What the columns of a charge say together, from the rule model of 1.2, which 1.4 has kept. */
export const CHARGE_RULES: readonly FocusRule[] = [
  ...['ConsumedQuantity', 'ConsumedUnit'].map((name) =>
    rowRule(
      `${name}.usage-only`,
      [name, 'ChargeCategory'],
      `${name} must be null unless the charge is usage`,
      (cells) => isNotUsage(cells) && !cells.isNull(name),
    ),
  ),
  rowRule(
    'ConsumedQuantity.of-usage',
    ['ConsumedQuantity', ...KIND],
    'ConsumedQuantity must not be null for usage, but for corrections and commitments that were not used',
    (cells) =>
      category(cells) === 'Usage' &&
      cells.isNull('ChargeClass') &&
      cells.text('CommitmentDiscountStatus') !== 'Unused' &&
      cells.isNull('ConsumedQuantity') &&
      cells.isNull('ConsumedUnit'),
  ),
  ...[
    ['ConsumedUnit', 'ConsumedQuantity'],
    ['PricingUnit', 'PricingQuantity'],
  ].map(([unit = '', quantity = '']) =>
    rowRule(`${unit}.with-quantity`, [unit, quantity], `${unit} must be null exactly where ${quantity} is`, (cells) =>
      isHalf(cells, unit, quantity),
    ),
  ),
  ...['PricingQuantity', 'PricingUnit', 'SkuPriceId', 'ListUnitPrice', 'ContractedUnitPrice', 'PricingCategory'].map((name) =>
    rowRule(
      `${name}.not-of-tax`,
      [name, 'ChargeCategory'],
      `${name} must be null for taxes`,
      (cells) => category(cells) === 'Tax' && !cells.isNull(name),
    ),
  ),
  rowRule(
    'PricingQuantity.of-priced',
    ['PricingQuantity', 'PricingUnit', ...KIND],
    'PricingQuantity and PricingUnit must not be null for usage and purchases, but for corrections',
    (cells) => isPriced(cells) && cells.isNull('PricingQuantity') && cells.isNull('PricingUnit'),
  ),
  rowRule(
    'SkuPriceId.of-priced',
    ['SkuPriceId', ...KIND],
    'SkuPriceId must not be null for usage and purchases, but for corrections',
    (cells) => isPriced(cells) && cells.isNull('SkuPriceId'),
  ),
  ...[
    ['ContractedCost', 'ContractedUnitPrice'],
    ['ListCost', 'ListUnitPrice'],
  ].map(([cost = '', unitPrice = '']) =>
    rowRule(
      `${cost}.product`,
      [cost, unitPrice, 'PricingQuantity', 'ChargeClass'],
      `${cost} must be ${unitPrice} × PricingQuantity, exactly, but for corrections`,
      (cells) => cells.isNull('ChargeClass') && !isProduct(cells.decimal(cost), cells.decimal(unitPrice), cells.decimal('PricingQuantity')),
    ),
  ),
  rowRule(
    'EffectiveCost.of-credit',
    ['EffectiveCost', 'BilledCost', 'ChargeCategory'],
    'EffectiveCost must be BilledCost for a credit that belongs to no other charge',
    (cells) =>
      category(cells) === 'Credit' &&
      cells.isNull('CommitmentDiscountId') &&
      isOther(cells.decimal('EffectiveCost'), cells.decimal('BilledCost')),
  ),
  unseenRule(
    'ChargeClass.of-invoiced',
    ['ChargeClass'],
    'ChargeClass must be null unless the row corrects a billing period that was invoiced before',
    'a file does not say what was invoiced',
  ),
  unseenRule(
    'InvoiceId.of-invoiced',
    ['InvoiceId'],
    'InvoiceId must be null while a charge is on no invoice',
    'a file does not say what was invoiced',
  ),
  rowRule(
    'InvoiceDetailId.with-invoice',
    ['InvoiceDetailId', 'InvoiceId'],
    'InvoiceDetailId must be null where InvoiceId is',
    (cells) => cells.isNull('InvoiceId') && !cells.isNull('InvoiceDetailId'),
  ),
]

function isProduct(cost: Decimal | null, unitPrice: Decimal | null, quantity: Decimal | null): boolean {
  return cost === null || unitPrice === null || quantity === null || isSame(product(unitPrice, quantity), cost)
}

function isOther(one: Decimal | null, other: Decimal | null): boolean {
  return one !== null && other !== null && !isSame(one, other)
}

function isNotZero(value: Decimal | null): boolean {
  return value !== null && value.digits !== 0n
}

/** Charges that were paid for before they are used. */
export const COMMITMENT_RULES: readonly FocusRule[] = [
  rowRule(
    'CommitmentDiscountStatus.of-usage',
    ['CommitmentDiscountStatus', 'CommitmentDiscountId', 'ChargeCategory'],
    'CommitmentDiscountStatus must be said exactly for usage with a CommitmentDiscountId',
    (cells) => {
      const expected = category(cells) === 'Usage' && !cells.isNull('CommitmentDiscountId')
      return category(cells) !== null && expected === cells.isNull('CommitmentDiscountStatus')
    },
  ),
  rowRule(
    'EffectiveCost.of-prepayment',
    ['EffectiveCost', 'CommitmentDiscountId', 'ChargeCategory'],
    'EffectiveCost must be 0 for a purchase that pays for later charges',
    (cells) => category(cells) === 'Purchase' && !cells.isNull('CommitmentDiscountId') && isNotZero(cells.decimal('EffectiveCost')),
  ),
  rowRule(
    'BilledCost.of-prepaid',
    ['BilledCost', 'CommitmentDiscountId', 'ChargeCategory'],
    'BilledCost must be 0 for usage that was paid for by a commitment',
    (cells) => category(cells) === 'Usage' && !cells.isNull('CommitmentDiscountId') && isNotZero(cells.decimal('BilledCost')),
  ),
  {
    id: 'EffectiveCost.of-commitment',
    text: 'the EffectiveCost of all usage of a commitment must be the BilledCost of its purchases',
    severity: 'must',
    columns: ['EffectiveCost', 'BilledCost', 'CommitmentDiscountId', 'ChargeCategory'],
    watch: () => commitmentSums(),
  },
]

function commitmentSums() {
  const open = new Map<string, Decimal>()
  const count = (id: string, amount: Decimal | null, sign: bigint): void => {
    if (amount !== null) open.set(id, sum(open.get(id) ?? { digits: 0n, scale: 0 }, { ...amount, digits: sign * amount.digits }))
  }
  return {
    row: (cells: Cells): boolean => {
      const id = cells.text('CommitmentDiscountId')
      if (id === null) return false
      if (category(cells) === 'Usage') count(id, cells.decimal('EffectiveCost'), 1n)
      if (category(cells) === 'Purchase') count(id, cells.decimal('BilledCost'), -1n)
      return false
    },
    end: () => [...open].flatMap(([id, left]) => (left.digits === 0n ? [] : [id])),
  }
}

/** Keys of SkuPriceDetails that versions up to 1.4 define. */
const PRICE_DETAILS: ReadonlySet<string> = new Set([
  'CoreCount',
  'DiskMaxIops',
  'DiskSpace',
  'DiskType',
  'GpuCount',
  'InstanceSeries',
  'InstanceType',
  'MemorySize',
  'NetworkMaxIops',
  'NetworkMaxThroughput',
  'OperatingSystem',
  'Redundancy',
  'StorageClass',
])
/** Those that the working draft of 1.5 adds for models. */
const DRAFT_DETAILS: ReadonlySet<string> = new Set([
  'ModelDeveloper',
  'ModelFamily',
  'ModelId',
  'ModelVersion',
  'TokenDirection',
  'TokenCacheAction',
  'TokenType',
])

/** What is sold and where. */
export const SKU_RULES: readonly FocusRule[] = [
  rowRule(
    'SkuMeter.with-sku',
    ['SkuMeter', 'SkuId'],
    'SkuMeter must be null where SkuId is',
    (cells) => cells.isNull('SkuId') && !cells.isNull('SkuMeter'),
  ),
  rowRule(
    'SkuPriceDetails.with-price',
    ['SkuPriceDetails', 'SkuPriceId'],
    'SkuPriceDetails must be null where SkuPriceId is',
    (cells) => cells.isNull('SkuPriceId') && !cells.isNull('SkuPriceDetails'),
  ),
  {
    id: 'SkuPriceDetails.keys',
    text: 'keys of SkuPriceDetails must begin with x_ unless the specification defines them',
    severity: 'must',
    columns: ['SkuPriceDetails'],
    watch: ({ version }) => ({
      row: (cells) => {
        const keys = Object.keys(keyValuesOf(cells.text('SkuPriceDetails') ?? '') ?? {})
        return keys.some((key) => !key.startsWith('x_') && !PRICE_DETAILS.has(key) && !(version === '1.5-draft' && DRAFT_DETAILS.has(key)))
      },
    }),
  },
  unseenRule(
    'SkuPriceDetails.per-unit',
    ['SkuPriceDetails'],
    'numbers in SkuPriceDetails must be for a single PricingUnit',
    'a file does not say what its numbers are for',
  ),
  {
    id: 'SkuPriceId.one-sku',
    text: 'a SkuPriceId must belong to exactly one SkuId',
    severity: 'must',
    columns: ['SkuPriceId', 'SkuId'],
    watch: () => onePerKey('SkuPriceId', 'SkuId'),
  },
]

function onePerKey(key: string, value: string) {
  const known = new Map<string, string>()
  return {
    row: (cells: Cells): boolean => {
      const [from, to] = [cells.text(key), cells.text(value)]
      if (from === null || to === null) return false
      const before = known.get(from)
      if (before === undefined) known.set(from, to)
      return before !== undefined && before !== to
    },
  }
}
