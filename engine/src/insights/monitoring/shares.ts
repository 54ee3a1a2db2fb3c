import type { Picos } from '../../kernel/index.ts'

const POINTS = 10_000n

/**
 * Shares of a total in hundredths of a percent that add up to 10,000: each is rounded down, and what is left goes to those that lost most by it (the
 * first of equals). The parts add up to the total. Null for each where the total, or a part, is not above zero as a whole: of nothing there are no shares.
 */
export function sharesOf(parts: readonly Picos[]): (number | null)[] {
  const total = parts.reduce((sum: bigint, part) => sum + part, 0n)
  if (total <= 0n || parts.some((part) => part < 0n)) return parts.map(() => null)
  const floors = parts.map((part) => (part * POINTS) / total)
  const left = Number(POINTS - floors.reduce((sum, floor) => sum + floor, 0n))
  const byLoss = parts
    .map((part, index) => ({ index, lost: (part * POINTS) % total }))
    .sort((one, other) => (one.lost === other.lost ? one.index - other.index : one.lost < other.lost ? 1 : -1))
  const lifted = new Set(byLoss.slice(0, left).map(({ index }) => index))
  return floors.map((floor, index) => (Number(floor) + (lifted.has(index) ? 1 : 0)) / 100)
}
