import type { UntrustedSignatureCandidate } from 'http-message-sig'
import { fail, formatInstant, LIMITS, type Millis, ok, type Refusal, type Result, refusal } from '../../../kernel/index.ts'
import type { SignedMessage } from './message.ts'

/** What a signature must say to be looked at, by the names of RFC 9421. */
export interface SignatureClaims {
  readonly keyId: string
  readonly nonce: string
  readonly created: Millis
  /** From here on it is refused: its own `expires`, or its age. */
  readonly until: Millis
}

/**
 * Whether a signature, if it is genuine, covers what this server acts on and is fresh. Refuses `invalid_signature`, and says which part is
 * missing, or how far the clocks are apart.
 */
export function judgeSignature(candidate: UntrustedSignatureCandidate, message: SignedMessage, now: Millis): Result<SignatureClaims> {
  const { created, expires, nonce, keyid } = candidate.parameters
  if (keyid === undefined || nonce === undefined || created === undefined) {
    return refused('the signature must say created, nonce and keyid (the id of the registered key)')
  }
  if (nonce.length < NONCE_CHARS_MIN || nonce.length > LIMITS.nonceCharsMax) {
    return refused(`a nonce has ${NONCE_CHARS_MIN} to ${LIMITS.nonceCharsMax} characters`)
  }
  const missing = missingIn(candidate, message)
  if (missing !== null) return refused(`the signature must cover ${missing}`)
  const at = created * 1_000
  const until = Math.min(at + LIMITS.signatureAgeMs, expires === undefined ? Number.POSITIVE_INFINITY : expires * 1_000)
  const untimely = untimelyBy({ at, expires: expires === undefined ? null : expires * 1_000 }, now)
  return untimely === null ? ok({ keyId: keyid, nonce, created: at, until }) : refused(untimely)
}

const NONCE_CHARS_MIN = 8

/** Each thing that is acted on must be signed: what to do, where, with which body, and under which id it counts once. */
function missingIn({ components }: UntrustedSignatureCandidate, { url, fields }: SignedMessage): string | null {
  const covered = new Set(components.flatMap(({ name, parameters }) => (Object.keys(parameters).length === 0 ? [name] : [])))
  const sent = (name: string): boolean => fields.some((field) => field.name.toLowerCase() === name)
  if (!covered.has('@method')) return '@method'
  if (!covered.has('@target-uri')) {
    if (!covered.has('@authority') || !covered.has('@path')) return '@target-uri, or @authority and @path'
    if (url.includes('?') && !covered.has('@query')) return '@query (or @target-uri), because the address has one'
  }
  if (sent('idempotency-key') && !covered.has('idempotency-key')) return 'idempotency-key, because it is sent'
  const hasBody = sent('transfer-encoding') || fields.some(({ name, value }) => name.toLowerCase() === 'content-length' && value !== '0')
  return hasBody && !covered.has('content-digest') ? 'content-digest, because there is a body' : null
}

function untimelyBy({ at, expires }: { readonly at: Millis; readonly expires: Millis | null }, now: Millis): string | null {
  const clock = `this server's clock says ${formatInstant(now)}`
  const seconds = (ms: number): number => Math.ceil(ms / 1_000)
  if (expires !== null && now >= expires) return `the signature expired ${seconds(now - expires)} s ago: ${clock}`
  if (now - at >= LIMITS.signatureAgeMs) {
    return `the signature was made ${seconds(now - at)} s ago, and ${seconds(LIMITS.signatureAgeMs)} s is the most: ${clock}`
  }
  if (at - now > LIMITS.signatureAheadMs) return `the signature was made ${seconds(at - now)} s ahead: ${clock}`
  return null
}

function refused(detail: string): Result<never, Refusal> {
  return fail(refusal('invalid_signature', detail))
}
