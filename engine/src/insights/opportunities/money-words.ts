import { divideHalfEven, PICOS_PER_USD, type Picos, picos, usdOfPicos } from '../../kernel/index.ts'

/**
 * An amount for a sentence: cents where they say enough (`$45.67`), else as many decimals as show three digits (`$0.00412`).
 * Rounded half to even; the exact amount always stands beside the sentence.
 */
export function usdWords(amount: Picos): string {
  const magnitude = amount < 0n ? -amount : amount
  const decimals = decimalsFor(magnitude)
  const step = PICOS_PER_USD / 10n ** BigInt(decimals)
  const rounded = picos(divideHalfEven(magnitude, step) * step)
  const [whole = '0', fraction = ''] = usdOfPicos(rounded).split('.')
  return `${amount < 0n ? '-' : ''}$${whole}.${fraction.padEnd(2, '0')}`
}

function decimalsFor(magnitude: bigint): number {
  if (magnitude === 0n || magnitude >= PICOS_PER_USD / 10n) return 2
  const leadingZeros = 12 - magnitude.toString().length
  return Math.min(12, leadingZeros + 3)
}

export function countWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
