/** Uniform in [0, 1). The same seed gives the same numbers on every machine. */
export type Random = () => number

/** The small fast counter generator of Chris Doty-Humphrey (sfc32), which passes PractRand; started from one 32-bit seed. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = seed | 0
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let round = 0; round < 12; round++) next()
  return () => next() / 4_294_967_296
}

/** A seed made of the numbers themselves (FNV-1a over their bytes), so that the same question has the same answer. */
export function seedOf(numbers: readonly number[]): number {
  let hash = 0x811c9dc5
  for (const byte of new Uint8Array(Float64Array.from(numbers).buffer)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** A standard normal number (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
