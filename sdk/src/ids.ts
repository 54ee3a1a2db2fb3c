import { randomFillSync } from 'node:crypto'

/** Makes ids. An argument wherever ids are made, so that tests know them. */
export type NewId = () => string

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const RANDOM_BYTES = 10
/** The system is asked for randomness once for so many ids: asking costs more than all the rest of a report. */
const IDS_PER_FILL = 128

/**
 * UUIDv7 (RFC 9562, 5.7): milliseconds first, so that new rows land at the end of the server's index. Uniqueness comes from 74 random bits,
 * so two processes never agree by chance.
 */
export function uuidv7Source(now: () => number): NewId {
  const pool = new Uint8Array(RANDOM_BYTES * IDS_PER_FILL)
  let used = pool.length
  return () => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const random = (index: number): number => pool[used + index] ?? 0
    const hex = (byte: number): string => HEX[byte] ?? ''
    const time = Math.max(0, Math.trunc(now()) || 0)
      .toString(16)
      .padStart(12, '0')
    const tail = [4, 5, 6, 7, 8, 9].map((index) => hex(random(index))).join('')
    const version = hex(0x70 | (random(0) & 0x0f)) + hex(random(1))
    const variant = hex(0x80 | (random(2) & 0x3f)) + hex(random(3))
    used += RANDOM_BYTES
    return `${time.slice(0, 8)}-${time.slice(8, 12)}-${version}-${variant}-${tail}`
  }
}
