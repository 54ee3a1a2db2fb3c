const SMALL_USD = 0.01

/**
 * A cost for a reader: cents from one cent up, else as many decimals as it takes to show two digits that matter.
 * `null` is a cost nobody knows, which is not zero.
 */
export function usd(exact: string | null | undefined): string {
  if (exact === null || exact === undefined) return 'not known'
  const value = Number(exact)
  if (value === 0) return '$0.00'
  const magnitude = Math.abs(value)
  if (magnitude >= SMALL_USD)
    return `${value < 0 ? '-' : ''}$${magnitude.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
  return `${value < 0 ? '-' : ''}$${exact.replace('-', '')}`
}

/** 1,234,567 */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** 1 call, 1,234 calls. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** 12.3k, 4.56M: for columns where the order of magnitude is the point. `null` is a count nobody knows. */
export function compact(value: number | null): string {
  if (value === null) return 'not known'
  return value.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 1 })
}

/** 98.3% */
export function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)}%`
}
