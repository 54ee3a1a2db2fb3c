import { type Picos, picos, ZERO } from '../../kernel/index.ts'
import type { Amounts } from './records.ts'

/** Of each category the larger: calls and reports tell of the same money. */
export function largerOf(measured: Amounts, reported: Amounts): Amounts {
  const larger = new Map(reported)
  for (const [name, amount] of measured) if (amount > (larger.get(name) ?? ZERO)) larger.set(name, amount)
  return larger
}

/** Of each category what reports declare beyond what calls show. */
export function beyondCalls({ measured, reported }: { readonly measured: Amounts; readonly reported: Amounts }): [string, Picos][] {
  return [...reported].flatMap(([name, amount]): [string, Picos][] => {
    const more = picos(amount - (measured.get(name) ?? ZERO))
    return more > ZERO ? [[name, more]] : []
  })
}
