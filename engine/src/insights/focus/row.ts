import { type Decimal, formatInstant, type Millis } from '../../kernel/index.ts'
import { dollars } from './bill.ts'
import { billingPeriodAt } from './charges.ts'
import { type FocusCells, type FocusRow, type FocusVersion, writtenColumns } from './columns.ts'
import { decimalText, product } from './exact.ts'
import { type Group, pricedQuantityOf } from './group.ts'
import { METER_WORDS } from './meters.ts'
import { modelNamesOf, providerOf } from './providers.ts'
import { skuOf } from './sku.ts'

export interface RowShape {
  readonly version: FocusVersion
  readonly subAccount: 'team' | 'project'
}

/** A group as a row of the version. */
export function rowOf(group: Group, shape: RowShape): FocusRow {
  const places = PLACES[shape.version]
  const cells: (string | null)[] = new Array(writtenColumns(shape.version).length).fill(null)
  for (const part of [whose(group, shape), when(group), what(group), skuOf(group, shape.version), costs(group), own(group)]) {
    for (const name in part) {
      const place = places.get(name)
      // An empty name says nothing, and FOCUS has null for that.
      if (place !== undefined) cells[place] = part[name] || null
    }
  }
  return cells
}

const PLACES: Readonly<Record<FocusVersion, ReadonlyMap<string, number>>> = {
  '1.4': placesOf('1.4'),
  '1.2': placesOf('1.2'),
  '1.5-draft': placesOf('1.5-draft'),
}

function placesOf(version: FocusVersion): ReadonlyMap<string, number> {
  return new Map(writtenColumns(version).map(({ name }, index) => [name, index]))
}

/** `YYYY-MM-DDTHH:mm:ssZ`: periods begin and end at whole seconds. The last few are kept, since rows of one period follow each other. */
function focusTime(at: Millis): string {
  const known = times.get(at)
  if (known !== undefined) return known
  if (times.size >= TIMES_KEPT_MAX) times.clear()
  const text = formatInstant(at).replace(/\.\d+Z$/, 'Z')
  times.set(at, text)
  return text
}

const TIMES_KEPT_MAX = 256
const times = new Map<Millis, string>()

function whose({ row }: Group, { subAccount }: RowShape): FocusCells {
  const account = subAccount === 'team' ? row.team : row.project
  return {
    BillingAccountId: row.organization,
    BillingAccountName: row.organization,
    BillingAccountType: 'Organization',
    SubAccountId: account,
    SubAccountName: account,
    SubAccountType: account === null ? null : subAccount === 'team' ? 'Team' : 'Project',
    ResourceId: row.agent,
    ResourceName: row.agent,
    ResourceType: row.agent === null ? null : 'Agent',
    Tags: tagsText(row.tags, { cost_center: row.costCenter, workflow: row.workflow, action: row.action, user: row.userId }),
  }
}

/** One flat object. What the caller has tagged under a name stands before what we would say under it. */
function tagsText(tags: Readonly<Record<string, string>>, said: Readonly<Record<string, string | null>>): string | null {
  const ours = Object.entries(said).filter(([name, value]) => value !== null && !Object.hasOwn(tags, name))
  const all = [...ours, ...Object.entries(tags)]
  return all.length === 0 ? null : JSON.stringify(Object.fromEntries(all))
}

function when({ period }: Group): FocusCells {
  const billing = billingPeriodAt(period.start)
  return {
    BillingPeriodStart: focusTime(billing.start),
    BillingPeriodEnd: focusTime(billing.end),
    ChargePeriodStart: focusTime(period.start),
    ChargePeriodEnd: focusTime(period.end),
  }
}

function what(group: Group): FocusCells {
  const { item, row } = group
  const provider = providerOf(row.seller ?? '')
  const model = item.kind === 'usage' ? item.portion.line.model : (row.model ?? '')
  return {
    ChargeCategory: item.kind === 'difference' ? 'Adjustment' : 'Usage',
    ChargeClass: item.counted.correctedIn === null ? null : 'Correction',
    ChargeDescription: descriptionOf(group, model),
    ChargeFrequency: 'Usage-Based',
    ServiceCategory: 'AI and Machine Learning',
    ServiceSubcategory: 'Generative AI',
    ServiceName: provider.serviceName,
    ServiceProviderName: provider.serviceProvider,
    HostProviderName: provider.host,
    InvoiceIssuerName: provider.invoiceIssuer,
    ProviderName: provider.serviceProvider,
    PublisherName: modelNamesOf(model)?.developer ?? provider.serviceProvider,
    PricingCategory: item.kind === 'difference' ? null : pricingCategoryOf(row.tier),
    RegionId: item.region,
    RegionName: item.region,
  }
}

function descriptionOf({ item }: Group, model: string): string {
  const name = model === '' ? 'unnamed model' : model
  if (item.kind === 'usage') return `${METER_WORDS[item.portion.line.meter].sku} – ${name}`
  return item.kind === 'stated'
    ? `Cost stated by the seller – ${name}`
    : `Difference between the seller's statement and the rates – ${name}`
}

/** Published rates of a tier are standard prices; capacity that was bought before is committed. */
function pricingCategoryOf(tier: string | null): string {
  if (tier === 'provisioned') return 'Committed'
  return tier === 'flex' ? 'Other' : 'Standard'
}

function costs(group: Group): FocusCells {
  const { item, billed } = group
  const quantity = pricedQuantityOf(group)
  const paid = { BillingCurrency: 'USD', BilledCost: decimalText(dollars(billed)), EffectiveCost: decimalText(dollars(billed)) }
  if (item.kind === 'difference' || quantity === null) {
    return { ...paid, PricingCurrency: 'USD', ContractedCost: paid.BilledCost, ListCost: paid.BilledCost }
  }
  const isUsage = item.kind === 'usage'
  const contracted = isUsage ? item.portion.contracted.unitPrice : ONE
  const list = isUsage ? item.portion.list : ONE
  return {
    ...paid,
    PricingCurrency: isUsage ? item.portion.line.currency : 'USD',
    ConsumedQuantity: decimalText({ digits: group.consumed, scale: 0 }),
    ConsumedUnit: isUsage ? METER_WORDS[item.portion.line.meter].unit : 'Requests',
    PricingQuantity: decimalText(quantity),
    ContractedUnitPrice: decimalText(contracted),
    ListUnitPrice: decimalText(list),
    ContractedCost: decimalText(product(contracted, quantity)),
    ListCost: decimalText(product(list, quantity)),
  }
}

const ONE: Decimal = { digits: 1n, scale: 0 }

function own({ item, row, requests, isSingleCall }: Group): FocusCells {
  const card = item.kind === 'usage' ? item.portion.card : null
  const attested = item.kind === 'usage' ? null : (item.counted.charge.attested?.by ?? null)
  return {
    x_AgentId: row.agent,
    x_Team: row.team,
    x_Project: row.project,
    x_CostCenter: row.costCenter,
    x_WorkflowId: row.workflow,
    x_Action: row.action,
    x_UserId: row.userId,
    x_SessionId: isSingleCall ? row.sessionId : null,
    x_RunId: isSingleCall ? row.runId : null,
    x_CallId: isSingleCall ? row.callId : null,
    x_PrincipalId: row.agent,
    x_CredentialId: row.keyId,
    x_ConsumerId: row.userId,
    x_SellerId: row.seller,
    x_ServiceTier: row.tier,
    x_RequestCount: decimalText({ digits: BigInt(requests), scale: 0 }),
    x_CostConfidence: item.counted.status,
    x_PriceSource: card === null ? attested : `${card.source.kind}: ${card.source.ref}`,
    x_PriceVersion: item.kind === 'usage' ? item.portion.line.cardId : null,
    x_ListPriceSource: item.kind === 'usage' ? item.portion.listSource : null,
    x_CorrectedIn: item.counted.correctedIn === null ? null : focusTime(item.counted.correctedIn).slice(0, 7),
  }
}
