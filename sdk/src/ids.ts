import { randomFillSync } from 'node:crypto'

/** Makes ids. An argument wherever ids are made, so that tests know them. */
export type NewId = () => string

/**
 * UUIDv7 (RFC 9562, 5.7): milliseconds first, so that new rows land at the end of the server's index. Uniqueness comes from 74 random bits,
 * so two processes never agree by chance.
 */
export function uuidv7Source(now: () => number): NewId {
  return () => {
    const bytes = randomFillSync(new Uint8Array(16))
    const ms = BigInt(Math.max(0, Math.trunc(now())))
    for (let index = 0; index < 6; index += 1) bytes[index] = Number((ms >> BigInt(8 * (5 - index))) & 0xffn)
    bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}
