import { seededRandom } from '../calls/seeded-random.ts'

/** Where bytes are cut: the same seed gives the same pieces. */
export interface Cut {
  readonly seed: number
  /** Longest piece in bytes; 1 cuts between any two bytes. */
  readonly bytesMax: number
}

/** Pieces that together are the bytes. They end anywhere: within a line, within an event, within a character. None is empty. */
export function cutBytes(bytes: Uint8Array, { seed, bytesMax }: Cut): Uint8Array[] {
  const random = seededRandom(seed)
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(bytesMax)
    pieces.push(bytes.subarray(at, end))
    at = end
  }
  return pieces
}
