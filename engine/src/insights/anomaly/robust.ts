/** Makes a median of a normal sample's absolute deviations its standard deviation. */
const NORMAL_MAD = 1.4826

/** The middle of some numbers; null of none. */
export function median(values: readonly number[]): number | null {
  return quantile(values, 0.5)
}

/** The value that a share of some numbers lies below, between neighbours by their distance; null of none. */
export function quantile(values: readonly number[], share: number): number | null {
  return quantileOf(Float64Array.from(values).sort(), share)
}

/** The same of numbers that are in order already. */
export function quantileOf(sorted: Float64Array, share: number): number | null {
  if (sorted.length === 0) return null
  const place = share * (sorted.length - 1)
  const low = Math.floor(place)
  const below = sorted[low] ?? Number.NaN
  const above = sorted[Math.min(low + 1, sorted.length - 1)] ?? Number.NaN
  return below + (above - below) * (place - low)
}

/** How far numbers lie from a centre, as a standard deviation that single outliers do not move; null of none. */
export function spreadAround(values: readonly number[], centre: number): number | null {
  const middle = median(values.map((value) => Math.abs(value - centre)))
  return middle === null ? null : middle * NORMAL_MAD
}

/** What little is known of a part is completed by what is known of the whole: `weight` is how many samples the whole counts for. */
export function shrunk(part: number | null, samples: number, whole: number, weight: number): number {
  return part === null ? whole : (samples * part + weight * whole) / (samples + weight)
}
