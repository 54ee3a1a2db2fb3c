/** A vector of length one: the cosine similarity of two is their dot product. */
export type UnitVector = Float32Array

/** As many as the largest embeddings of today, twice. */
const DIMENSIONS_MAX = 8_192

/** Null for what has no direction: nothing, zeros alone, or what is no number. */
export function unitVector(values: unknown): UnitVector | null {
  if (!Array.isArray(values) || values.length === 0 || values.length > DIMENSIONS_MAX) return null
  let squares = 0
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return null
    squares += value * value
  }
  if (squares === 0 || !Number.isFinite(squares)) return null
  const length = Math.sqrt(squares)
  return Float32Array.from(values as number[], (value) => value / length)
}

/** Cosine similarity, -1 to 1; null where the two are of different models. */
export function similarity(one: UnitVector, other: UnitVector): number | null {
  if (one.length !== other.length) return null
  let sum = 0
  for (let index = 0; index < one.length; index++) sum += (one[index] ?? 0) * (other[index] ?? 0)
  return Math.min(1, Math.max(-1, sum))
}
