import { createHmac, type Hmac, randomBytes } from 'node:crypto'

/** How a request differs from an equal one without asking for anything else. */
const IGNORED_KEYS = new Set(['stream', 'stream_options', 'metadata'])
/** Past this much text a request is not fingerprinted: hashing it would be felt by the caller. */
const CHARS_MAX = 4_000_000
const DEPTH_MAX = 64

let processKey: Uint8Array | null = null

/**
 * A keyed fingerprint (HMAC-SHA256, base64url) that is equal for equal requests whatever the order of their keys; null when the request is too
 * large or too deep. Without the key nobody can test a guess of the text against it. The default key is random and lives as long as the
 * process; configure one to recognise repeats across processes.
 */
export function fingerprintOf(request: unknown, key?: string): string | null {
  processKey ??= randomBytes(32)
  const hmac = createHmac('sha256', key ?? processKey)
  return feed(hmac, request, { chars: CHARS_MAX }, DEPTH_MAX) ? `h1:${hmac.digest('base64url')}` : null
}

/** Feeds each value with its type and length, so that no two different requests feed the same bytes. False when the budget is spent. */
function feed(hmac: Hmac, value: unknown, budget: { chars: number }, depth: number): boolean {
  if (depth === 0 || budget.chars < 0) return false
  if (typeof value === 'string') return feedText(hmac, 's', value, budget)
  if (Array.isArray(value)) {
    hmac.update(`a${value.length};`)
    return value.every((item) => feed(hmac, item, budget, depth - 1))
  }
  if (ArrayBuffer.isView(value))
    return feedText(hmac, 'b', Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'), budget)
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([key, item]) => item !== undefined && !IGNORED_KEYS.has(key))
    entries.sort(([left], [right]) => (left < right ? -1 : 1))
    hmac.update(`o${entries.length};`)
    return entries.every(([key, item]) => feedText(hmac, 'k', key, budget) && feed(hmac, item, budget, depth - 1))
  }
  return feedText(hmac, 'v', String(value), budget)
}

function feedText(hmac: Hmac, kind: string, text: string, budget: { chars: number }): boolean {
  budget.chars -= text.length
  if (budget.chars < 0) return false
  hmac.update(`${kind}${text.length};`)
  hmac.update(text, 'utf8')
  return true
}
