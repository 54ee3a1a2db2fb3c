import { divideHalfEven, type Picos, picos, usdOfPicos } from '../../kernel/index.ts'
import { type Compared, magnitude } from './compare.ts'
import type { Reason } from './records.ts'

/** Whether a drift comes from the price, from the quantity, or from both, as far as both sides say what was used. */
export function rateReasons(line: Compared, tolerance: Picos): Reason[] {
  const { ourAmount, theirAmount, ourQuantity, theirQuantity } = line
  const tiers = tierReasons(line)
  if (ourQuantity === null || theirQuantity === null || ourQuantity <= 0n || theirQuantity <= 0n) {
    return [...tiers, ...halfReason(line, tolerance, tiers)]
  }
  if (ourAmount === null || theirAmount === null) return [...tiers, ...quantityReason(ourQuantity, theirQuantity)]
  if (ourQuantity === theirQuantity) return [...tiers, ...halfReason(line, tolerance, tiers), priceReason(line, ourQuantity, theirQuantity)]
  const atOurRate = divideHalfEven(ourAmount * theirQuantity, ourQuantity)
  // A thousandth: rates of one price differ a little between lines that were rounded apart.
  const isExplained = magnitude(atOurRate - theirAmount) <= magnitude(theirAmount) / 1_000n + tolerance
  const quantity = quantityReason(ourQuantity, theirQuantity)
  return isExplained ? [...tiers, ...quantity] : [...tiers, ...quantity, priceReason(line, ourQuantity, theirQuantity)]
}

function quantityReason(ours: bigint, theirs: bigint): Reason[] {
  if (ours === theirs) return []
  const more = theirs > ours
  const why = more
    ? 'calls that were not reported here, or attempts that failed and were billed'
    : 'calls that it has not billed, or that are of another account'
  return [
    {
      code: 'quantities_differ',
      detail: `they count ${theirs}, we count ${ours}, ${magnitude(theirs - ours)} ${more ? 'more' : 'fewer'}: ${why}`,
    },
  ]
}

function priceReason({ ourAmount, theirAmount }: Compared, ourQuantity: bigint, theirQuantity: bigint): Reason {
  const same = ourQuantity === theirQuantity ? 'the quantities agree and ' : ''
  const detail = `${same}the prices differ: they bill ${perMillion(theirAmount ?? 0n, theirQuantity)} and we ${perMillion(ourAmount ?? 0n, ourQuantity)} for a million`
  return { code: 'prices_differ', detail }
}

/** What a million of the meter costs on average, to the hundredth of a cent: for words, and for no amount. */
function perMillion(amount: bigint, quantity: bigint): string {
  const hundredths = divideHalfEven(amount * 1_000_000n, quantity * 100_000_000n)
  return `$${usdOfPicos(picos(hundredths * 100_000_000n))}`
}

function tierReasons({ ours, theirs }: Compared): Reason[] {
  if (ours === null || theirs === null || theirs.tiers.size === 0) return []
  const [our, their] = [[...ours.tiers].sort(), [...theirs.tiers].sort()]
  if (our.join() === their.join()) return []
  return [{ code: 'tier_differs', detail: `they bill tier ${their.join(', ')} and ours were reported as ${our.join(', ')}` }]
}

/** Half of the price is what OpenAI and Anthropic charge for batches. */
function halfReason({ ourAmount, theirAmount, ours }: Compared, tolerance: Picos, said: readonly Reason[]): Reason[] {
  if (said.length > 0 || ourAmount === null || theirAmount === null || ourAmount <= 0n || theirAmount <= 0n) return []
  const isHalf = magnitude(theirAmount * 2n - ourAmount) <= tolerance * 2n
  const isDouble = magnitude(ourAmount * 2n - theirAmount) <= tolerance * 2n
  if (!isHalf && !isDouble) return []
  const tiers = [...(ours?.tiers ?? [])].sort().join(', ')
  const detail = isHalf
    ? `they bill half of it, as for batch or flex, and ours were reported as ${tiers}`
    : `they bill twice as much, as where batch or flex was not applied, and ours were reported as ${tiers}`
  return [{ code: 'tier_differs', detail }]
}
