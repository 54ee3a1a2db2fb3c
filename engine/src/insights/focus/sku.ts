import type { FocusCells, FocusVersion } from './columns.ts'
import type { Group } from './group.ts'
import { METER_WORDS, meterSlug } from './meters.ts'
import { modelNamesOf } from './providers.ts'

/** What is sold and at which price: the columns about the SKU, and the unit it is priced in. Nothing of it for a difference. */
export function skuOf({ item, row }: Group, version: FocusVersion): FocusCells {
  if (item.kind === 'difference') return {}
  if (item.kind === 'stated') {
    const model = row.model ?? row.seller ?? 'unknown'
    return {
      SkuId: `${model}-seller-stated`,
      SkuPriceId: `${model}-seller-stated-${row.seller ?? 'unknown'}`,
      SkuMeter: 'Seller-Stated Cost',
      SkuPriceDetails: detailsText(model, null, row.tier, version),
      PricingUnit: 'US Dollars',
    }
  }
  const { line, contracted } = item.portion
  const { sku, unit } = METER_WORDS[line.meter]
  const skuId = `${line.model}-${meterSlug(line.meter)}`
  const multipliers = line.modifiers.map((modifier) => `+${modifier}`).join('')
  return {
    SkuId: skuId,
    SkuPriceId: `${skuId}-${tierWord(row.tier)}-${line.cardId.slice(0, 12)}.${line.rate}${multipliers}`,
    SkuMeter: sku,
    SkuPriceDetails: detailsText(line.model, METER_WORDS[line.meter], row.tier, version),
    PricingUnit: contracted.per === 1n ? unit : `${contracted.per} ${unit}`,
  }
}

function tierWord(tier: string | null): string {
  return tier === null || tier === 'standard' ? 'ondemand' : tier
}

/**
 * Properties that the working draft names are written with x_ in front until they are part of the specification. Of two competing drafts for the
 * kind of a token this is the one that says direction and cache action apart.
 */
function detailsText(
  model: string,
  words: Pick<(typeof METER_WORDS)['input'], 'direction' | 'cache'> | null,
  tier: string | null,
  version: FocusVersion,
): string {
  const names = modelNamesOf(model)
  const draft = {
    ModelId: model,
    ModelDeveloper: names?.developer ?? null,
    ModelFamily: names?.family ?? null,
    TokenDirection: words?.direction ?? null,
    TokenCacheAction: words?.cache ?? null,
  }
  const prefix = version === '1.5-draft' ? '' : 'x_'
  const said = Object.entries(draft).filter(([, value]) => value !== null)
  return JSON.stringify({
    ...Object.fromEntries(said.map(([name, value]) => [`${prefix}${name}`, value])),
    x_ServiceTier: tier ?? 'standard',
  })
}
