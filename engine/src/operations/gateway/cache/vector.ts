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
  return Math.min(1, Math.max(-1, dotProduct(one, other)))
}

/** Four sums side by side: a processor need not wait for one to begin the next, which halves the time. */
function dotProduct(one: UnitVector, other: UnitVector): number {
  const { length } = one
  let [first, second, third, fourth] = [0, 0, 0, 0]
  let index = 0
  for (; index + 3 < length; index += 4) {
    first += (one[index] as number) * (other[index] as number)
    second += (one[index + 1] as number) * (other[index + 1] as number)
    third += (one[index + 2] as number) * (other[index + 2] as number)
    fourth += (one[index + 3] as number) * (other[index + 3] as number)
  }
  for (; index < length; index++) first += (one[index] as number) * (other[index] as number)
  return first + second + third + fourth
}
